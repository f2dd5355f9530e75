package org.syntagen.diffusion;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.VaeConfig;
import tools.jackson.databind.JsonNode;

/** Reads the configurations of a model folder in diffusers' layout. */
record FolderConfigs(Path root) {

  /**
   * Refuses folders of other pipelines.
   *
   * @throws InputException that names the pipeline
   */
  void requireStableDiffusion() {
    JsonNode index = ConfigJson.read(root.resolve("model_index.json"));
    String pipeline = index.path("_class_name").asString("");
    if (!pipeline.equals("StableDiffusionPipeline")) {
      throw new InputException(
          root
              + "/model_index.json: the pipeline is '"
              + pipeline
              + "', expected StableDiffusionPipeline");
    }
  }

  ClipTextConfig text() {
    JsonNode node = config("text_encoder");
    return checked(
        "text_encoder",
        () ->
            new ClipTextConfig(
                ConfigJson.integer(node, "vocab_size"),
                ConfigJson.integer(node, "hidden_size"),
                ConfigJson.integer(node, "num_hidden_layers"),
                ConfigJson.integer(node, "num_attention_heads"),
                ConfigJson.integer(node, "intermediate_size"),
                ConfigJson.integer(node, "max_position_embeddings"),
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

  UNetConfig unet() {
    JsonNode node = config("unet");
    return checked(
        "unet",
        () -> {
          requireTextToImage(node);
          List<Integer> channels = ConfigJson.integers(node, "block_out_channels");
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
                  ? ConfigJson.integers(node, "attention_head_dim")
                  : Collections.nCopies(
                      channels.size(), ConfigJson.integer(node, "attention_head_dim"));
          return new UNetConfig(
              ConfigJson.integer(node, "sample_size"),
              ConfigJson.integer(node, "in_channels"),
              channels,
              cross,
              ConfigJson.integer(node, "layers_per_block"),
              heads,
              ConfigJson.integer(node, "cross_attention_dim"),
              ConfigJson.integer(node, "norm_num_groups"),
              ConfigJson.number(node, "norm_eps", 1e-5),
              ConfigJson.flag(node, "use_linear_projection", false));
        });
  }

  private static void requireTextToImage(JsonNode node) {
    JsonNode in = node.path("in_channels");
    JsonNode out = node.path("out_channels");
    if (in.isInt() && out.isInt() && in.asInt() != out.asInt()) {
      throw new IllegalArgumentException(
          "in_channels is "
              + in
              + " and out_channels "
              + out
              + ": a model for inpainting or editing; expected one for text to image");
    }
  }

  VaeConfig vae() {
    JsonNode node = config("vae");
    return checked(
        "vae",
        () ->
            new VaeConfig(
                ConfigJson.integer(node, "latent_channels"),
                ConfigJson.integers(node, "block_out_channels"),
                ConfigJson.integer(node, "layers_per_block"),
                ConfigJson.integer(node, "norm_num_groups"),
                ConfigJson.number(node, "scaling_factor", 0.18215)));
  }

  SchedulerConfig scheduler() {
    Path file = root.resolve("scheduler").resolve("scheduler_config.json");
    return SchedulerConfig.fromJson(ConfigJson.read(file), file.toString()).forStableDiffusion();
  }

  private <T> T checked(String part, Supplier<T> build) {
    try {
      return build.get();
    } catch (IllegalArgumentException e) {
      throw new InputException(root.resolve(part) + "/config.json: " + e.getMessage());
    }
  }

  private JsonNode config(String part) {
    return ConfigJson.read(root.resolve(part).resolve("config.json"));
  }
}
