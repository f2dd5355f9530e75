package org.syntagen.diffusion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.BpeTrainer;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.text.ClipTextModel;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNet2DCondition;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;

/**
 * Small models with random weights and the structure of a Stable Diffusion generation, written in
 * both layouts: diffusers' folder, and one file with the names of the first release.
 */
final class LdmModel {
  static final ClipTokenizer TOKENIZER =
      new BpeTrainer(300, 8).train(List.of("a cat on a table", "a dog", "two sheep"));

  final boolean second;
  final ClipTextConfig text;
  final UNetConfig unet;
  final VaeConfig vae = new VaeConfig(4, List.of(32, 64), 1, 32, 0.18215);

  private LdmModel(boolean second) {
    this.second = second;
    text = new ClipTextConfig(TOKENIZER.vocabSize(), 64, second ? 23 : 2, 1, 32, 8, !second);
    unet =
        second
            ? new UNetConfig(
                64, 4, List.of(64, 128), List.of(true, false), 1, List.of(1, 2), 64, 32, 1e-5, true)
            : new UNetConfig(
                64,
                4,
                List.of(32, 64),
                List.of(true, false),
                1,
                List.of(8, 8),
                64,
                32,
                1e-5,
                false);
  }

  static LdmModel first() {
    return new LdmModel(false);
  }

  static LdmModel second() {
    return new LdmModel(true);
  }

  StateDict weights(Part part) {
    try (SeededNoise noise = new SeededNoise(part.ordinal())) {
      Weights random = Weights.random(noise);
      Consumer<Weights> build =
          switch (part) {
            case TEXT_ENCODER -> weights -> new ClipTextModel(weights, text);
            case UNET -> weights -> new UNet2DCondition(weights, unet);
            case VAE -> weights -> new AutoencoderKl(weights, vae);
          };
      build.accept(random);
      return random.state();
    }
  }

  ModelFolder writeFolder(Path root, Dtype dtype) {
    ModelFolder folder = new ModelFolder(root);
    folder.writeConfigs(text, unet, vae, SchedulerConfig.stableDiffusion());
    writeTokenizer(root.resolve("tokenizer"));
    for (Part part : Part.values()) {
      try (StateDict state = weights(part)) {
        folder.writeWeights(part, state, dtype);
      }
    }
    return folder;
  }

  static void writeTokenizer(Path folder) {
    try {
      TOKENIZER.write(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The single file, changed before it is written; the caller's change may add and share. */
  void writeFile(Path file, Dtype dtype, String root, Consumer<StateDict> change) {
    try (Scope scope = new Scope();
        StateDict all = new StateDict("test");
        StateDict text = weights(Part.TEXT_ENCODER);
        StateDict unet = weights(Part.UNET);
        StateDict vae = weights(Part.VAE)) {
      unet.names().forEach(n -> all.share(root + "model.diffusion_model." + unet(n), unet.get(n)));
      for (String name : vae.names()) {
        Tensor tensor = vae.get(name);
        boolean square = name.matches(".*attentions.*weight") && tensor.dim() == 2;
        all.put(
            root + "first_stage_model." + vae(name),
            square ? tensor.unsqueeze(-1).unsqueeze(-1).clone() : tensor.clone());
      }
      if (second) {
        openClip(all, root + "cond_stage_model.model.", text);
      } else {
        for (String name : text.names()) {
          all.share(root + "cond_stage_model.transformer." + name, text.get(name));
        }
        all.put(
            root + "cond_stage_model.transformer.text_model.embeddings.position_ids",
            Tensors.of(new long[] {0, 1}, 1, 2));
      }
      all.put(root + "betas", Tensors.zeros(3));
      change.accept(all);
      try (StateDict stored = all.copy(dtype)) {
        SafeTensors.write(file, stored, Map.of());
      }
    }
  }

  private void openClip(StateDict all, String root, StateDict text) {
    for (String name : text.names()) {
      Tensor tensor = text.get(name);
      String inner = name.substring("text_model.".length());
      Matcher layer = Pattern.compile("encoder\\.layers\\.(\\d+)\\.(.+)").matcher(inner);
      if (!layer.matches()) {
        all.share(
            root
                + Map.of(
                        "embeddings.token_embedding.weight", "token_embedding.weight",
                        "embeddings.position_embedding.weight", "positional_embedding",
                        "final_layer_norm.weight", "ln_final.weight",
                        "final_layer_norm.bias", "ln_final.bias")
                    .get(inner),
            tensor);
        continue;
      }
      String block = root + "transformer.resblocks." + layer.group(1) + ".";
      String rest = layer.group(2);
      if (rest.startsWith("self_attn.q_proj.")) {
        List<Tensor> fused =
            List.of(
                tensor,
                text.get(name.replace("q_proj", "k_proj")),
                text.get(name.replace("q_proj", "v_proj")));
        all.put(block + "attn.in_proj_" + rest.substring(17), Ops.cat(fused, 0));
      } else if (!rest.matches("self_attn\\.[kv]_proj.*")) {
        rest = rest.replace("self_attn", "attn").replace("layer_norm", "ln_");
        all.share(block + rest.replace("fc1", "c_fc").replace("fc2", "c_proj"), tensor);
      }
    }
    String last = root + "transformer.resblocks.23.";
    all.put(last + "attn.in_proj_weight", Tensors.zeros(192, 64));
    all.put(last + "ln_1.weight", Tensors.zeros(64));
    all.put(root + "text_projection", Tensors.zeros(64, 64));
    all.put(root + "logit_scale", Tensors.zeros());
  }

  /** A U-Net's name in the first release, one residual block a resolution. */
  static String unet(String name) {
    Matcher m =
        Pattern.compile(
                "(down|up)_blocks\\.(\\d)\\.(resnets|attentions|\\w+samplers)\\.(\\d)\\.(.+)")
            .matcher(name);
    if (m.matches()) {
      boolean down = m.group(1).equals("down");
      int block = Integer.parseInt(m.group(2)) * 2 + (down ? 1 : 0);
      int layer = Integer.parseInt(m.group(4));
      String start = (down ? "input_blocks." : "output_blocks.");
      return switch (m.group(3)) {
        case "resnets" -> start + (block + layer) + ".0." + resnet(m.group(5));
        case "attentions" -> start + (block + layer) + ".1." + m.group(5);
        case "downsamplers" -> start + (block + 1) + ".0.op." + m.group(5).substring(5);
        default -> start + (block + 1) + ".1." + m.group(5); // the coarsest has no attention
      };
    }
    Matcher middle = Pattern.compile("mid_block\\.resnets\\.(\\d)\\.(.+)").matcher(name);
    if (middle.matches()) {
      return "middle_block."
          + (middle.group(1).equals("0") ? 0 : 2)
          + "."
          + resnet(middle.group(2));
    }
    return name.replace("mid_block.attentions.0", "middle_block.1")
        .replace("time_embedding.linear_1", "time_embed.0")
        .replace("time_embedding.linear_2", "time_embed.2")
        .replace("conv_in.", "input_blocks.0.0.")
        .replace("conv_norm_out", "out.0")
        .replace("conv_out", "out.2");
  }

  private static String resnet(String name) {
    return name.replace("norm1", "in_layers.0")
        .replace("conv1", "in_layers.2")
        .replace("time_emb_proj", "emb_layers.1")
        .replace("norm2", "out_layers.0")
        .replace("conv2", "out_layers.3")
        .replace("conv_shortcut", "skip_connection");
  }

  /** An autoencoder's name in the first release, two resolutions. */
  private static String vae(String name) {
    return name.replaceFirst("down_blocks\\.(\\d)\\.resnets", "down.$1.block")
        .replace("up_blocks.0.resnets", "up.1.block")
        .replace("up_blocks.1.resnets", "up.0.block")
        .replaceFirst("down_blocks\\.(\\d)\\.downsamplers\\.0", "down.$1.downsample")
        .replace("up_blocks.0.upsamplers.0", "up.1.upsample")
        .replace("mid_block.resnets.0", "mid.block_1")
        .replace("mid_block.resnets.1", "mid.block_2")
        .replace("mid_block.attentions.0.group_norm", "mid.attn_1.norm")
        .replace("mid_block.attentions.0.to_out.0", "mid.attn_1.proj_out")
        .replace("mid_block.attentions.0.to_", "mid.attn_1.")
        .replace("conv_shortcut", "nin_shortcut")
        .replace("conv_norm_out", "norm_out");
  }
}
