package org.syntagen.diffusion.checkpoint;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tensor names of Stable Diffusion's first release, without the part's prefix, to diffusers'. A
 * name that follows neither is returned as it is, so that whoever reads the part can complain.
 */
final class LdmNames {
  private static final Pattern UNET_BLOCK =
      Pattern.compile("(input|output|middle)_blocks?\\.(\\d{1,3})\\.(.+)");
  private static final Pattern LAYER = Pattern.compile("(\\d)\\.(.+)");
  private static final Pattern VAE_LEVEL =
      Pattern.compile("(encoder|decoder)\\.(down|up)\\.(\\d{1,2})\\.(.+)");
  private static final Pattern RESBLOCK =
      Pattern.compile("transformer\\.resblocks\\.(\\d{1,3})\\.(.+)");

  private static final Map<String, String> UNET =
      Map.of(
          "time_embed.0.", "time_embedding.linear_1.",
          "time_embed.2.", "time_embedding.linear_2.",
          "out.0.", "conv_norm_out.",
          "out.2.", "conv_out.");

  private static final Map<String, String> UNET_RESNET =
      Map.of(
          "in_layers.0.", "norm1.",
          "in_layers.2.", "conv1.",
          "emb_layers.1.", "time_emb_proj.",
          "out_layers.0.", "norm2.",
          "out_layers.3.", "conv2.",
          "skip_connection.", "conv_shortcut.");

  private static final Map<String, String> VAE_SIDE =
      Map.of(
          "mid.block_1.", "mid_block.resnets.0.",
          "mid.block_2.", "mid_block.resnets.1.",
          "mid.attn_1.norm.", "mid_block.attentions.0.group_norm.",
          "mid.attn_1.q.", "mid_block.attentions.0.to_q.",
          "mid.attn_1.k.", "mid_block.attentions.0.to_k.",
          "mid.attn_1.v.", "mid_block.attentions.0.to_v.",
          "mid.attn_1.proj_out.", "mid_block.attentions.0.to_out.0.",
          "norm_out.", "conv_norm_out.");

  private static final Map<String, String> VAE_BLOCK =
      Map.of(
          "block.", "resnets.",
          "downsample.", "downsamplers.0.",
          "upsample.", "upsamplers.0.");

  private static final Map<String, String> OPEN_CLIP =
      Map.of(
          "token_embedding.", "text_model.embeddings.token_embedding.",
          "positional_embedding", "text_model.embeddings.position_embedding.weight",
          "ln_final.", "text_model.final_layer_norm.");

  private static final Map<String, String> OPEN_CLIP_LAYER =
      Map.of(
          "ln_1.", "layer_norm1.",
          "ln_2.", "layer_norm2.",
          "attn.out_proj.", "self_attn.out_proj.",
          "mlp.c_fc.", "mlp.fc1.",
          "mlp.c_proj.", "mlp.fc2.");

  private LdmNames() {}

  /**
   * @param layers residual blocks a resolution on the way down
   */
  static String unet(String name, int layers) {
    Matcher block = UNET_BLOCK.matcher(name);
    if (!block.matches()) {
      return begin(name, UNET);
    }
    int index = Integer.parseInt(block.group(2));
    String rest = block.group(3);
    return switch (block.group(1)) {
      case "input" -> input(name, index, rest, layers);
      case "output" -> output(name, index, rest, layers);
      default -> middle(name, index, rest);
    };
  }

  private static String input(String name, int index, String rest, int layers) {
    Matcher layer = LAYER.matcher(rest);
    if (!layer.matches()) {
      return name;
    }
    if (index == 0) {
      return "conv_in." + layer.group(2);
    }
    String block = "down_blocks." + (index - 1) / (layers + 1) + ".";
    int position = (index - 1) % (layers + 1);
    if (layer.group(2).startsWith("op.")) {
      return block + "downsamplers.0.conv." + layer.group(2).substring("op.".length());
    }
    return block + layer(layer, position);
  }

  private static String output(String name, int index, String rest, int layers) {
    Matcher layer = LAYER.matcher(rest);
    if (!layer.matches()) {
      return name;
    }
    String block = "up_blocks." + index / (layers + 1) + ".";
    if (layer.group(2).startsWith("conv.")) {
      return block + "upsamplers.0." + layer.group(2);
    }
    return block + layer(layer, index % (layers + 1));
  }

  private static String layer(Matcher layer, int position) {
    return layer.group(1).equals("0")
        ? "resnets." + position + "." + begin(layer.group(2), UNET_RESNET)
        : "attentions." + position + "." + layer.group(2);
  }

  private static String middle(String name, int index, String rest) {
    return switch (index) {
      case 0 -> "mid_block.resnets.0." + begin(rest, UNET_RESNET);
      case 1 -> "mid_block.attentions.0." + rest;
      case 2 -> "mid_block.resnets.1." + begin(rest, UNET_RESNET);
      default -> name;
    };
  }

  /**
   * @param levels number of resolutions, which the decoder counts from the coarsest in diffusers
   *     and from the finest here
   */
  static String vae(String name, int levels) {
    Matcher block = VAE_LEVEL.matcher(name);
    if (block.matches()) {
      int level = Integer.parseInt(block.group(3));
      String place =
          block.group(2).equals("down")
              ? ".down_blocks." + level + "."
              : ".up_blocks." + (levels - 1 - level) + ".";
      return block.group(1) + place + begin(shortcut(block.group(4)), VAE_BLOCK);
    }
    for (String side : new String[] {"encoder.", "decoder."}) {
      if (name.startsWith(side)) {
        return side + begin(shortcut(name.substring(side.length())), VAE_SIDE);
      }
    }
    return name;
  }

  private static String shortcut(String name) {
    return name.replace(".nin_shortcut.", ".conv_shortcut.");
  }

  /** OpenCLIP's text tower but for its fused projections of queries, keys and values. */
  static String openClip(String name) {
    Matcher block = RESBLOCK.matcher(name);
    return block.matches()
        ? openClipLayer(block.group(1)) + begin(block.group(2), OPEN_CLIP_LAYER)
        : begin(name, OPEN_CLIP);
  }

  static String openClipLayer(String index) {
    return "text_model.encoder.layers." + index + ".";
  }

  /** The name with its beginning replaced, if it is one of those in the table. */
  private static String begin(String name, Map<String, String> table) {
    for (Map.Entry<String, String> entry : table.entrySet()) {
      if (name.startsWith(entry.getKey())) {
        return entry.getValue() + name.substring(entry.getKey().length());
      }
    }
    return name;
  }
}
