package org.syntagen.diffusion;

import java.nio.file.Path;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.VaeConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes the configurations of a model folder as diffusers would. */
record FolderConfigWriter(Path root) {
  private static final JsonMapper JSON = ConfigJson.MAPPER;

  /** Every JSON file of a model but the tokenizer's. */
  void write(ClipTextConfig text, UNetConfig unet, VaeConfig vae, SchedulerConfig scheduler) {
    write("text_encoder/config.json", textJson(text));
    write("unet/config.json", unetJson(unet));
    write("vae/config.json", vaeJson(vae, unet.sampleSize() * vae.downscale()));
    ObjectNode sampling = scheduler.toJson();
    sampling.put("_class_name", SchedulerKind.DDIM.className());
    write("scheduler/scheduler_config.json", sampling);
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
    write("model_index.json", index);
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

  private void write(String name, JsonNode node) {
    ConfigJson.write(root.resolve(name), node);
  }
}
