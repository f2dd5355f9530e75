package org.syntagen.diffusion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Weights;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model folder in diffusers' layout for Stable Diffusion: model_index.json and the parts'
 * folders, each with config.json and its weights in safetensors.
 */
public final class ModelFolder {
  private static final long MAX_JSON = 1 << 20;
  // diffusers writes -Infinity in scheduler files.
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  /** The parts with weights: folder and file name. */
  public enum Part {
    TEXT_ENCODER("text_encoder", "model.safetensors"),
    UNET("unet", "diffusion_pytorch_model.safetensors"),
    VAE("vae", "diffusion_pytorch_model.safetensors");

    private final String folder;
    private final String file;

    Part(String folder, String file) {
      this.folder = folder;
      this.file = file;
    }
  }

  private final Path root;

  public ModelFolder(Path root) {
    this.root = root;
  }

  /** A model and the weights it rests on; {@link #close} frees these. */
  public record Loaded(StableDiffusion model, String fingerprint, List<StateDict> states)
      implements AutoCloseable {
    /** Number of weights in all parts. */
    public long elements() {
      return states.stream().mapToLong(StateDict::elements).sum();
    }

    @Override
    public void close() {
      states.forEach(StateDict::close);
    }
  }

  /**
   * Reads a whole model. Weights are converted to 32-bit floats, whatever their storage type.
   *
   * @throws InputException if there is no such model folder or a part of it is not as it should be
   * @throws org.syntagen.tensor.WeightsException if weights do not fit the architecture
   */
  public Loaded load() {
    if (!Files.isDirectory(root)) {
      throw new InputException(
          root + ": no such model folder; expected one with model_index.json, unet/, vae/, …");
    }
    JsonNode index = json(root.resolve("model_index.json"));
    String pipeline = index.path("_class_name").asString("");
    if (!pipeline.equals("StableDiffusionPipeline")) {
      throw new InputException(
          root
              + "/model_index.json: the pipeline is '"
              + pipeline
              + "', expected StableDiffusionPipeline");
    }
    ClipTokenizer tokenizer = tokenizer();
    List<StateDict> states = new ArrayList<>();
    StringBuilder prints = new StringBuilder();
    try {
      ClipTextModel text =
          load(Part.TEXT_ENCODER, states, prints, w -> new ClipTextModel(w, textConfig()));
      UNet2DCondition unet =
          load(Part.UNET, states, prints, w -> new UNet2DCondition(w, unetConfig()));
      AutoencoderKl vae = load(Part.VAE, states, prints, w -> new AutoencoderKl(w, vaeConfig()));
      requireFit(tokenizer, text, unet, vae);
      StableDiffusion model = new StableDiffusion(tokenizer, text, unet, vae, schedulerConfig());
      return new Loaded(model, Fingerprints.combine(prints.toString()), states);
    } catch (RuntimeException e) {
      states.forEach(StateDict::close);
      throw e;
    }
  }

  private <T> T load(
      Part part, List<StateDict> states, StringBuilder prints, Function<Weights, T> build) {
    try (StateDict stored = SafeTensors.read(weightFile(part))) {
      prints.append(part.folder).append(' ').append(stored.fingerprint()).append('\n');
      StateDict state = stored.copy(Dtype.F32);
      states.add(state);
      Weights weights = Weights.of(state);
      T model = build.apply(weights);
      weights.requireAllUsed();
      return model;
    }
  }

  private void requireFit(
      ClipTokenizer tokenizer, ClipTextModel text, UNet2DCondition unet, AutoencoderKl vae) {
    if (tokenizer.vocabSize() > text.config().vocabSize()) {
      throw new InputException(
          root
              + ": the tokenizer knows "
              + tokenizer.vocabSize()
              + " tokens, the text encoder embeds "
              + text.config().vocabSize());
    }
    if (tokenizer.maxLength() > text.config().maxPositions()) {
      throw new InputException(
          root
              + ": the tokenizer makes "
              + tokenizer.maxLength()
              + " tokens, the text encoder takes "
              + text.config().maxPositions());
    }
    if (text.config().width() != unet.config().crossAttentionDim()) {
      throw new InputException(
          root
              + ": the text encoder's hidden_size is "
              + text.config().width()
              + ", the U-Net's cross_attention_dim "
              + unet.config().crossAttentionDim());
    }
    if (vae.config().latentChannels() != unet.config().latentChannels()) {
      throw new InputException(
          root
              + ": the autoencoder has "
              + vae.config().latentChannels()
              + " latent channels, the U-Net "
              + unet.config().latentChannels());
    }
  }

  /** The tokenizer alone. */
  public ClipTokenizer tokenizer() {
    return ClipTokenizer.read(root.resolve("tokenizer"));
  }

  /** The weights of a part alone, in writable 32-bit floats; the caller closes them. */
  public StateDict weights(Part part) {
    try (StateDict stored = SafeTensors.read(weightFile(part))) {
      return stored.copy(Dtype.F32);
    }
  }

  /** Where the weights of a part lie. */
  public Path weightFile(Part part) {
    return root.resolve(part.folder).resolve(part.file);
  }

  // ---- configurations ---------------------------------------------------------------------------

  ClipTextConfig textConfig() {
    JsonNode node = config("text_encoder");
    return checked(
        "text_encoder",
        () ->
            new ClipTextConfig(
                integer(node, "vocab_size"),
                integer(node, "hidden_size"),
                integer(node, "num_hidden_layers"),
                integer(node, "num_attention_heads"),
                integer(node, "intermediate_size"),
                integer(node, "max_position_embeddings"),
                quickGelu(node)));
  }

  private static boolean quickGelu(JsonNode node) {
    return switch (node.path("hidden_act").asString("quick_gelu")) {
      case "quick_gelu" -> true;
      case "gelu" -> false;
      default ->
          throw new IllegalArgumentException(
              "hidden_act is " + node.path("hidden_act") + ", expected quick_gelu or gelu");
    };
  }

  UNetConfig unetConfig() {
    JsonNode node = config("unet");
    return checked(
        "unet",
        () -> {
          List<Integer> channels = integers(node, "block_out_channels");
          List<Boolean> cross = new ArrayList<>();
          for (JsonNode type : node.path("down_block_types")) {
            cross.add(
                switch (type.asString("")) {
                  case "CrossAttnDownBlock2D" -> true;
                  case "DownBlock2D" -> false;
                  default ->
                      throw new IllegalArgumentException(
                          "down_block_types "
                              + type
                              + " is none of DownBlock2D, CrossAttnDownBlock2D");
                });
          }
          List<Integer> heads =
              node.path("attention_head_dim").isArray()
                  ? integers(node, "attention_head_dim")
                  : Collections.nCopies(channels.size(), integer(node, "attention_head_dim"));
          return new UNetConfig(
              integer(node, "sample_size"),
              integer(node, "in_channels"),
              channels,
              cross,
              integer(node, "layers_per_block"),
              heads,
              integer(node, "cross_attention_dim"),
              integer(node, "norm_num_groups"),
              number(node, "norm_eps", 1e-5),
              flag(node, "use_linear_projection", false));
        });
  }

  VaeConfig vaeConfig() {
    JsonNode node = config("vae");
    return checked(
        "vae",
        () ->
            new VaeConfig(
                integer(node, "latent_channels"),
                integers(node, "block_out_channels"),
                integer(node, "layers_per_block"),
                integer(node, "norm_num_groups"),
                number(node, "scaling_factor", 0.18215)));
  }

  private SchedulerConfig schedulerConfig() {
    Path file = root.resolve("scheduler").resolve("scheduler_config.json");
    return SchedulerConfig.fromJson(json(file), file.toString()).forStableDiffusion();
  }

  private <T> T checked(String part, Supplier<T> build) {
    try {
      return build.get();
    } catch (IllegalArgumentException e) {
      throw new InputException(root.resolve(part) + "/config.json: " + e.getMessage());
    }
  }

  private JsonNode config(String part) {
    return json(root.resolve(part).resolve("config.json"));
  }

  private static JsonNode json(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new InputException(
            file + ": no such file; a model folder in diffusers layout has it");
      }
      if (Files.size(file) > MAX_JSON) {
        throw new InputException(file + ": larger than " + MAX_JSON + " bytes");
      }
      JsonNode node = JSON.readTree(Files.readAllBytes(file));
      if (!node.isObject()) {
        throw new InputException(file + ": not a JSON object");
      }
      return node;
    } catch (JacksonException e) {
      throw new InputException(file + ": not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  private static int integer(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isInt()) {
      throw new IllegalArgumentException(key + " is " + value + ", expected an integer");
    }
    return value.asInt();
  }

  private static double number(JsonNode node, String key, double missing) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return missing;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException(key + " is " + value + ", expected a number");
    }
    return value.asDouble();
  }

  private static boolean flag(JsonNode node, String key, boolean missing) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return missing;
    }
    if (!value.isBoolean()) {
      throw new IllegalArgumentException(key + " is " + value + ", expected true or false");
    }
    return value.asBoolean();
  }

  private static List<Integer> integers(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isArray() || value.size() > 16) {
      throw new IllegalArgumentException(key + " is " + value + ", expected a list of integers");
    }
    List<Integer> integers = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isInt()) {
        throw new IllegalArgumentException(key + " is " + value + ", expected a list of integers");
      }
      integers.add(item.asInt());
    }
    return integers;
  }

  // ---- writing ----------------------------------------------------------------------------------

  /** Writes weights of a part in a storage type, with the metadata that diffusers expects. */
  public void writeWeights(Part part, StateDict state, Dtype dtype) {
    try (StateDict stored = state.copy(dtype)) {
      createFolders(weightFile(part).getParent());
      SafeTensors.write(weightFile(part), stored, Map.of("format", "pt"));
    }
  }

  /** Writes every JSON file of a model; the tokenizer's files and weights are written apart. */
  public void writeConfigs(
      ClipTextConfig text, UNetConfig unet, VaeConfig vae, SchedulerConfig scheduler) {
    writeJson("text_encoder/config.json", textJson(text));
    writeJson("unet/config.json", unetJson(unet));
    writeJson("vae/config.json", vaeJson(vae, unet.sampleSize() * vae.downscale()));
    ObjectNode sampling = scheduler.toJson();
    sampling.put("_class_name", SchedulerKind.DDIM.className());
    writeJson("scheduler/scheduler_config.json", sampling);
    ObjectNode index = JSON.createObjectNode();
    index.put("_class_name", "StableDiffusionPipeline");
    index.put("_diffusers_version", "0.30.0");
    index.set("feature_extractor", pair(null, null));
    index.put("requires_safety_checker", false);
    index.set("safety_checker", pair(null, null));
    index.set("scheduler", pair("diffusers", "DDIMScheduler"));
    index.set("text_encoder", pair("transformers", "CLIPTextModel"));
    index.set("tokenizer", pair("transformers", "CLIPTokenizer"));
    index.set("unet", pair("diffusers", "UNet2DConditionModel"));
    index.set("vae", pair("diffusers", "AutoencoderKL"));
    writeJson("model_index.json", index);
  }

  private static ArrayNode pair(String library, String type) {
    return JSON.createArrayNode().add(library).add(type);
  }

  private static ObjectNode textJson(ClipTextConfig c) {
    ObjectNode node = JSON.createObjectNode();
    node.putArray("architectures").add("CLIPTextModel");
    node.put("model_type", "clip_text_model");
    node.put("vocab_size", c.vocabSize());
    node.put("hidden_size", c.width());
    node.put("projection_dim", c.width());
    node.put("num_hidden_layers", c.layers());
    node.put("num_attention_heads", c.heads());
    node.put("intermediate_size", c.intermediate());
    node.put("max_position_embeddings", c.maxPositions());
    node.put("hidden_act", c.quickGelu() ? "quick_gelu" : "gelu");
    node.put("layer_norm_eps", 1e-5);
    return node;
  }

  private static ObjectNode unetJson(UNetConfig c) {
    ObjectNode node = JSON.createObjectNode();
    node.put("_class_name", "UNet2DConditionModel");
    node.put("sample_size", c.sampleSize());
    node.put("in_channels", c.latentChannels());
    node.put("out_channels", c.latentChannels());
    node.set("block_out_channels", JSON.valueToTree(c.blockOutChannels()));
    ArrayNode down = node.putArray("down_block_types");
    ArrayNode up = node.putArray("up_block_types");
    for (int i = 0; i < c.levels(); i++) {
      down.add(c.crossAttention().get(i) ? "CrossAttnDownBlock2D" : "DownBlock2D");
      up.add(c.crossAttention().get(c.levels() - 1 - i) ? "CrossAttnUpBlock2D" : "UpBlock2D");
    }
    node.put("mid_block_type", "UNetMidBlock2DCrossAttn");
    node.put("layers_per_block", c.layersPerBlock());
    node.set("attention_head_dim", JSON.valueToTree(c.heads()));
    node.put("cross_attention_dim", c.crossAttentionDim());
    node.put("norm_num_groups", c.groups());
    node.put("norm_eps", c.eps());
    node.put("use_linear_projection", c.linearProjection());
    node.put("act_fn", "silu");
    node.put("flip_sin_to_cos", true);
    node.put("freq_shift", 0);
    node.put("center_input_sample", false);
    node.put("downsample_padding", 1);
    return node;
  }

  private static ObjectNode vaeJson(VaeConfig c, int imageSize) {
    ObjectNode node = JSON.createObjectNode();
    node.put("_class_name", "AutoencoderKL");
    node.put("sample_size", imageSize);
    node.put("in_channels", 3);
    node.put("out_channels", 3);
    node.put("latent_channels", c.latentChannels());
    node.set("block_out_channels", JSON.valueToTree(c.blockOutChannels()));
    ArrayNode down = node.putArray("down_block_types");
    ArrayNode up = node.putArray("up_block_types");
    for (int i = 0; i < c.blockOutChannels().size(); i++) {
      down.add("DownEncoderBlock2D");
      up.add("UpDecoderBlock2D");
    }
    node.put("layers_per_block", c.layersPerBlock());
    node.put("norm_num_groups", c.groups());
    node.put("scaling_factor", c.scalingFactor());
    node.put("act_fn", "silu");
    return node;
  }

  private void writeJson(String name, JsonNode node) {
    Path file = root.resolve(name);
    createFolders(file.getParent());
    try {
      AtomicFile.writeText(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static void createFolders(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be created", e);
    }
  }
}
