package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Processor;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.WeightsException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ModelFolderTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final GenerationSettings SETTINGS =
      new GenerationSettings(
          TinyModel.SIZE, TinyModel.SIZE, 2, 5, "", SchedulerKind.DPM_SOLVER_PP_2M);

  @TempDir private Path temporary;
  private Path root;
  private ModelFolder folder;

  @BeforeEach
  void write() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    root = temporary.resolve("model");
    folder = TinyModel.write(root);
  }

  @Test
  void whatIsWrittenIsRead() {
    assertThat(folder.textConfig()).isEqualTo(TinyModel.TEXT);
    assertThat(folder.unetConfig()).isEqualTo(TinyModel.UNET);
    assertThat(folder.vaeConfig()).isEqualTo(TinyModel.VAE);
    try (ModelFolder.Loaded loaded = folder.load()) {
      assertThat(loaded.fingerprint()).matches("[0-9a-f]{64}");
      assertThat(loaded.model().nativeSize()).isEqualTo(TinyModel.SIZE);
      assertThat(loaded.model().unet().config()).isEqualTo(TinyModel.UNET);
      assertThat(loaded.model().vae().config()).isEqualTo(TinyModel.VAE);
      assertThat(loaded.model().tokenizer().encode("a cat").ids())
          .isEqualTo(TinyModel.TOKENIZER.encode("a cat").ids());
      assertThat(loaded.elements())
          .isEqualTo(loaded.states().stream().mapToLong(StateDict::elements).sum())
          .isGreaterThan(10_000);
    }
  }

  /** The written weights are exact in bfloat16, so only the products' own rounding can differ. */
  @Test
  void weightsKeptInBfloat16TakeHalfTheMemoryForTheSameImage() {
    ModelFolder halves = TinyModel.write(temporary.resolve("halves"), Dtype.BF16);
    try (ModelFolder.Loaded full = halves.load();
        ModelFolder.Loaded half = halves.load(List.of(), Dtype.BF16);
        Scope scope = new Scope()) {
      assertThat(half.fingerprint()).isEqualTo(full.fingerprint());
      assertThat(bytes(half)).isLessThan(0.6 * bytes(full)); // biases and norms stay in 32 bits
      float[] expected = Tensors.floats(latent(full.model()));
      float bound = Processor.multipliesBf16Fast() ? 0.1f : 0;
      assertThat(Tensors.floats(latent(half.model()))).containsExactly(expected, within(bound));
      assertThat(Tensors.shape(half.model().decode(latent(half.model()))))
          .containsExactly(1, TinyModel.SIZE, TinyModel.SIZE, 3);
    }
  }

  private static double bytes(ModelFolder.Loaded loaded) {
    return loaded.states().stream()
        .flatMap(state -> state.names().stream().map(state::get))
        .mapToLong(Tensor::nbytes)
        .sum();
  }

  private static Tensor latent(StableDiffusion model) {
    return model.sample(List.of("a cat"), new long[] {1}, SETTINGS, null);
  }

  @Test
  void weightsAreKeptInNothingElse() {
    assertThatThrownBy(() -> folder.load(List.of(), Dtype.F16))
        .isInstanceOf(InputException.class)
        .hasMessage("weights can be kept as F32 or BF16, not as F16");
  }

  @Test
  void aModelWrittenAndLoadedAgainMakesTheSameImage() {
    byte[] image = image(folder);
    assertThat(image(folder)).isEqualTo(image);
    assertThat(image(TinyModel.write(temporary.resolve("copy")))).isEqualTo(image);
  }

  @Test
  void weightsMayBeStoredInHalfPrecisionAndTheFingerprintTells() {
    String full = fingerprint();
    assertThat(fingerprint()).isEqualTo(full);
    folder = TinyModel.write(temporary.resolve("half"), Dtype.F16);
    assertThat(fingerprint()).isNotEqualTo(full);
    try (ModelFolder.Loaded loaded = folder.load()) {
      for (StateDict state : loaded.states()) {
        assertThat(state.names()).allMatch(name -> Dtype.of(state.get(name)) == Dtype.F32);
      }
    }
  }

  @Test
  void anyWeightChangesTheFingerprint() {
    String before = fingerprint();
    for (Part part : Part.values()) {
      changeWeights(
          part,
          state -> {
            String name = state.names().iterator().next();
            Ops.addInPlace(state.get(name), Tensors.full(1e-3, Tensors.shape(state.get(name))), 1);
          });
      String after = fingerprint();
      assertThat(after).isNotEqualTo(before);
      before = after;
    }
  }

  /** Keys that Stable Diffusion 1's own files lack or write in another way. */
  @Test
  void missingKeysHaveTheDefaultsOfThePublicTools() throws IOException {
    edit("text_encoder/config.json", "hidden_act", "DELETE");
    edit("unet/config.json", "attention_head_dim", "8");
    edit("unet/config.json", "norm_eps", "DELETE");
    edit("unet/config.json", "use_linear_projection", "DELETE");
    edit("vae/config.json", "scaling_factor", "DELETE");
    assertThat(folder.textConfig().quickGelu()).isTrue();
    assertThat(folder.unetConfig().heads()).containsExactly(8, 8);
    assertThat(folder.unetConfig().eps()).isEqualTo(1e-5);
    assertThat(folder.unetConfig().linearProjection()).isFalse();
    assertThat(folder.vaeConfig().scalingFactor()).isEqualTo(0.18215);
  }

  // ---- other files and names --------------------------------------------------------------------

  /** The official folders of Stable Diffusion 1 and 2 are of this kind. */
  @Test
  void oldNamesAndShapesAreUnderstood() {
    String fingerprint = fingerprint();
    rename(
        Part.VAE,
        (name, tensor) ->
            name.contains("attentions.0.to_") && name.endsWith("weight")
                ? tensor.unsqueeze(-1).unsqueeze(-1).clone()
                : tensor.clone(),
        name ->
            name.replace(".to_q.", ".query.")
                .replace(".to_k.", ".key.")
                .replace(".to_v.", ".value.")
                .replace("0.to_out.0.", "0.proj_attn."));
    changeWeights(
        Part.TEXT_ENCODER,
        state ->
            state.put("text_model.embeddings.position_ids", Tensors.of(new long[] {0, 1}, 1, 2)));
    assertThat(fingerprint()).isEqualTo(fingerprint);
  }

  @Test
  void weightsMayBeShardedAndOfOtherNames() throws IOException {
    String fingerprint = fingerprint();
    Path whole = folder.weightFile(Part.UNET);
    Path index = whole.resolveSibling(whole.getFileName() + ".index.json");
    ObjectNode map = JSON.createObjectNode();
    ObjectNode names = map.putObject("weight_map");
    try (StateDict all = SafeTensors.read(whole);
        StateDict left = all.derived("test");
        StateDict right = all.derived("test")) {
      for (String name : all.names()) {
        boolean first = name.startsWith("down");
        (first ? left : right).share(name, all.get(name));
        names.put(name, first ? "a.safetensors" : "b.safetensors");
      }
      SafeTensors.write(whole.resolveSibling("a.safetensors"), left, Map.of());
      SafeTensors.write(whole.resolveSibling("b.safetensors"), right, Map.of());
    }
    Files.delete(whole);
    Files.writeString(index, map.toString());
    Path text = folder.weightFile(Part.TEXT_ENCODER);
    Files.move(text, text.resolveSibling("pytorch_model.bin"));
    Path vae = folder.weightFile(Part.VAE);
    Files.move(vae, vae.resolveSibling("diffusion_pytorch_model.fp16.safetensors"));
    assertThat(fingerprint()).isEqualTo(fingerprint);

    names.put("conv_in.weight", "../a.safetensors");
    Files.writeString(index, map.toString());
    assertRefused(
        InputException.class, index + ": tensor conv_in.weight is in '../a.safetensors', expected");
    names.put("conv_in.weight", "b.safetensors").put("more", "a.safetensors");
    Files.writeString(index, map.toString());
    assertRefused(WeightsException.class, index + ": tensor more is missing");
    names.put("more", "c.safetensors");
    Files.writeString(index, map.toString());
    assertRefused(WeightsException.class, "c.safetensors: no such weight file");
    Files.writeString(index, "{}");
    assertRefused(InputException.class, index + ": weight_map is missing");
  }

  // ---- wrong folders ----------------------------------------------------------------------------

  @Test
  void aFolderThatIsNotThereIsNamed() {
    folder = new ModelFolder(temporary.resolve("missing"));
    assertRefused(
        InputException.class, temporary.resolve("missing") + ": no such model folder; expected");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model_index.json",
        "tokenizer/vocab.json",
        "text_encoder/config.json",
        "unet/config.json",
        "vae/config.json",
        "scheduler/scheduler_config.json"
      })
  void aMissingFileIsNamed(String file) throws IOException {
    Files.delete(root.resolve(file));
    assertRefused(InputException.class, root.resolve(file) + ": no such file; ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"model_index.json", "unet/config.json", "scheduler/scheduler_config.json"})
  void brokenJsonIsNamed(String file) throws IOException {
    for (String text : List.of("{\n\"a\": ", "{\"a\": tru}", "{} {}")) {
      Files.writeString(root.resolve(file), text);
      assertRefused(InputException.class, root.resolve(file) + ": not valid JSON: ");
    }
    for (String text : List.of("[]", "3", "")) {
      Files.writeString(root.resolve(file), text);
      assertRefused(InputException.class, root.resolve(file) + ": not a JSON object");
    }
  }

  @Test
  void aHugeConfigurationIsNotRead() throws IOException {
    Files.writeString(root.resolve("vae/config.json"), " ".repeat((1 << 20) + 1));
    assertRefused(InputException.class, "vae/config.json: larger than 1048576 bytes");
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model_index.json | _class_name | \"StableDiffusionXLPipeline\""
            + " | the pipeline is 'StableDiffusionXLPipeline', expected StableDiffusionPipeline",
        "model_index.json | _class_name | [] | the pipeline is '', expected StableDiffusionPip",
        "text_encoder/config.json | hidden_size | \"8\" | hidden_size is \"8\", expected an int",
        "text_encoder/config.json | hidden_size | 8.5 | hidden_size is 8.5, expected an integer",
        "text_encoder/config.json | num_attention_heads | 3 | hidden_size 8 is not a multiple of 3",
        "text_encoder/config.json | num_attention_heads | 0 | hidden_size 8 is not a multiple of 0",
        "text_encoder/config.json | num_hidden_layers | -1 | sizes of the text encoder must be pos",
        "text_encoder/config.json | hidden_act | \"relu\" | hidden_act is \"relu\", expected quick",
        "unet/config.json | in_channels | 9 | in_channels is 9 and out_channels 4: a model for",
        "unet/config.json | in_channels | null | in_channels is null, expected an integer",
        "unet/config.json | in_channels | 4294967300 | in_channels is 4294967300, expected an inte",
        "unet/config.json | block_out_channels | 8 | block_out_channels is 8, expected a list of",
        "unet/config.json | block_out_channels | [8, \"16\"] | expected a list of integers",
        "unet/config.json | block_out_channels | [8, 18] | 18 is not a multiple of norm_num_groups",
        "unet/config.json | block_out_channels | [8] | must have one entry a resolution",
        "unet/config.json | attention_head_dim | 0 | 8 is not a multiple of 0 heads",
        "unet/config.json | attention_head_dim | [2, 3] | 16 is not a multiple of 3 heads",
        "unet/config.json | attention_head_dim | [2] | must have one entry a resolution",
        "unet/config.json | down_block_types | [\"DownBlock2D\", \"AttnDownBlock2D\"] |"
            + " down_block_types \"AttnDownBlock2D\" is none of DownBlock2D, CrossAttnDownBlock2D",
        "unet/config.json | down_block_types | [{}, {}] | down_block_types {} is none of DownBlock",
        "unet/config.json | down_block_types | DELETE | must have one entry a resolution",
        "unet/config.json | norm_num_groups | 0 | sizes of the U-Net must be positive",
        "unet/config.json | norm_eps | \"small\" | norm_eps is \"small\", expected a number",
        "unet/config.json | norm_eps | 0 | norm_eps must be positive, not 0.0",
        "unet/config.json | use_linear_projection | 1 | is 1, expected true or false",
        "unet/config.json | sample_size | 0 | sizes of the U-Net must be positive",
        "vae/config.json | latent_channels | DELETE | latent_channels is , expected an integer",
        "vae/config.json | block_out_channels | [] | sizes of the autoencoder must be positive",
        "vae/config.json | scaling_factor | [] | scaling_factor is [], expected a number",
        "vae/config.json | scaling_factor | -1 | scaling_factor must be positive",
        "scheduler/scheduler_config.json | beta_start | \"x\" | beta_start is \"x\"; expected a"
            + " num",
        "scheduler/scheduler_config.json | prediction_type | \"flow\" | prediction_type is"
            + " \"flow\"",
      })
  void aWrongValueIsNamedWithItsFile(String file, String key, String value, String message)
      throws IOException {
    edit(file, key, value);
    assertRefused(InputException.class, message);
    assertRefused(InputException.class, root.resolve(file) + ": ");
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "text_encoder/config.json | max_position_embeddings | 9"
            + " | position_embedding.weight has shape [8, 8], expected [9, 8]",
        "unet/config.json | cross_attention_dim | 9 | attn2.to_k.weight has shape [8, 8], expected",
        "unet/config.json | layers_per_block | 2 | down_blocks.0.resnets.1.norm1.weight is missing",
        "unet/config.json | use_linear_projection | false | proj_in.weight has shape [8, 8], exp",
        "vae/config.json | latent_channels | 3 | conv_out.weight has shape [8, 8, 3, 3], expected",
        "vae/config.json | layers_per_block | 2 | encoder.down_blocks.0.resnets.1.norm1.weight is",
      })
  void weightsMustFitTheConfiguration(String file, String key, String value, String message)
      throws IOException {
    edit(file, key, value);
    assertRefused(WeightsException.class, message);
    assertRefused(WeightsException.class, root.resolve(file).getParent().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TEXT_ENCODER", "UNET", "VAE"})
  void missingMisshapenAndUnexpectedTensorsAreNamed(Part part) {
    String name;
    try (StateDict state = SafeTensors.read(folder.weightFile(part))) {
      name = state.names().iterator().next();
    }
    String file = folder.weightFile(part).toString();
    assertThat(ModelInspection.of(root).loadable()).isTrue();
    changeWeights(part, state -> state.put("surplus", Tensors.zeros(1)));
    assertRefused(
        WeightsException.class, file + ": tensor surplus does not belong to this architecture");
    assertThat(report(part).unexpected()).containsExactly("surplus");
    replaceTensor(part, name, true);
    assertRefused(WeightsException.class, file + ": tensor " + name + " has shape [1], expected [");
    assertThat(report(part).misshapen()).singleElement().asString().startsWith(name + " [1], exp");
    replaceTensor(part, name, false);
    assertRefused(WeightsException.class, file + ": tensor " + name + " is missing");
    assertThat(report(part).missing()).containsExactly(name);
  }

  private ModelInspection.PartReport report(Part part) {
    return ModelInspection.of(root).parts().get(part.ordinal());
  }

  @Test
  void aMissingWeightFileIsNamed() throws IOException {
    for (Part part : Part.values()) {
      Files.delete(folder.weightFile(part));
      assertRefused(WeightsException.class, folder.weightFile(part) + ": no such weight file");
      TinyModel.write(root);
    }
  }

  @Test
  void partsMustFitEachOther() throws IOException {
    TinyModel.writeUnet(folder, 12, 4);
    assertRefused(
        InputException.class,
        root + ": the text encoder's hidden_size is 8, the U-Net's cross_attention_dim 12");
    TinyModel.writeUnet(folder, 8, 3);
    assertRefused(
        InputException.class, root + ": the autoencoder has 4 latent channels, the U-Net 3");
    TinyModel.write(root);
    edit("tokenizer/tokenizer_config.json", "model_max_length", "9");
    assertRefused(
        InputException.class, root + ": the tokenizer makes 9 tokens, the text encoder takes 8");
  }

  // ---- helpers ----------------------------------------------------------------------------------

  private static byte[] image(ModelFolder folder) {
    try (ModelFolder.Loaded loaded = folder.load();
        Scope scope = new Scope()) {
      StableDiffusion model = loaded.model();
      return Tensors.bytes(
          model.decode(model.sample(List.of("a cat"), new long[] {1}, SETTINGS, null)));
    }
  }

  private String fingerprint() {
    try (ModelFolder.Loaded loaded = folder.load()) {
      return loaded.fingerprint();
    }
  }

  private void assertRefused(Class<? extends RuntimeException> type, String message) {
    assertThatThrownBy(() -> folder.load().close())
        .isExactlyInstanceOf(type)
        .hasMessageContaining(message)
        .hasMessageContaining(temporary.toString())
        .hasMessageNotContainingAny("\n", "\r");
  }

  private void edit(String file, String key, String value) throws IOException {
    Path path = root.resolve(file);
    ObjectNode node = (ObjectNode) JSON.readTree(Files.readString(path));
    if (value.equals("DELETE")) {
      node.remove(key);
    } else {
      node.set(key, JSON.readTree(value));
    }
    Files.writeString(path, node.toString());
  }

  private void changeWeights(Part part, Consumer<StateDict> change) {
    try (StateDict read = SafeTensors.read(folder.weightFile(part));
        StateDict copy = read.copy(Dtype.F32)) {
      change.accept(copy);
      folder.writeWeights(part, copy, Dtype.F32);
    }
  }

  private void rename(
      Part part, BiFunction<String, Tensor, Tensor> change, UnaryOperator<String> rename) {
    try (StateDict read = SafeTensors.read(folder.weightFile(part));
        StateDict changed = new StateDict("test")) {
      for (String name : read.names()) {
        changed.put(rename.apply(name), change.apply(name, read.get(name)));
      }
      folder.writeWeights(part, changed, Dtype.F32);
    }
  }

  /** Writes the weights of a part with one tensor misshapen or left out, and no surplus. */
  private void replaceTensor(Part part, String name, boolean misshapen) {
    TinyModel.write(root);
    try (StateDict read = SafeTensors.read(folder.weightFile(part));
        StateDict changed = new StateDict("test")) {
      for (String each : read.names()) {
        if (!each.equals(name)) {
          changed.share(each, read.get(each));
        } else if (misshapen) {
          changed.put(each, Tensors.zeros(1));
        }
      }
      folder.writeWeights(part, changed, Dtype.F32);
    }
  }
}
