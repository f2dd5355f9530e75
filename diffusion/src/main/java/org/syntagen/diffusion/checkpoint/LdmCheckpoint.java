package org.syntagen.diffusion.checkpoint;

import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.WeightsException;

/**
 * A checkpoint in the single-file layout of Stable Diffusion's first release: the U-Net under
 * model.diffusion_model, the autoencoder under first_stage_model and the text encoder under
 * cond_stage_model (CLIP in 1.x, OpenCLIP in 2.x), perhaps all of it under state_dict, and perhaps
 * with a second U-Net that is a moving average of the first.
 *
 * <p>The parts come as views under the names of diffusers, in stored precision; their caller closes
 * them, before or after the file.
 */
public final class LdmCheckpoint {
  static final String UNET = "model.diffusion_model.";
  static final String OPEN_CLIP = "cond_stage_model.model.";
  private static final String CLIP = "cond_stage_model.transformer.";
  private static final String VAE = "first_stage_model.";
  private static final String NESTED = "state_dict.";
  private static final String EMA = "model_ema.";

  /** OpenCLIP ViT-H has 24; Stable Diffusion 2 uses the output of the last but one. */
  private static final int OPEN_CLIP_LAYERS = 23;

  private static final Pattern FUSED =
      Pattern.compile("transformer\\.resblocks\\.(\\d{1,3})\\.attn\\.in_proj_(weight|bias)");
  private static final Pattern RESBLOCK =
      Pattern.compile("transformer\\.resblocks\\.(\\d{1,3})\\..+");

  private final StateDict file;
  private final String root;
  private final Architecture architecture;

  /**
   * @param file as read; it stays the caller's
   */
  public LdmCheckpoint(StateDict file) {
    this.file = file;
    root = file.names().stream().anyMatch(name -> name.startsWith(NESTED)) ? NESTED : "";
    architecture = Architecture.of(file, root);
  }

  public Architecture architecture() {
    return architecture;
  }

  /**
   * Refuses a file of any other kind.
   *
   * @throws WeightsException that says what it is instead
   */
  public void requireSupported() {
    if (!architecture.supported()) {
      throw new WeightsException(
          file.origin()
              + ": this is "
              + architecture.title()
              + "; expected Stable Diffusion 1.x or 2.x in one file"
              + (architecture == Architecture.PART
                  ? ": give the folder with model_index.json"
                  : ""));
    }
  }

  /** Whether there is a moving average of the U-Net's weights. */
  public boolean hasEma() {
    return file.contains(root + EMA + flat("input_blocks.0.0.weight"));
  }

  /**
   * The U-Net.
   *
   * @param ema its moving average instead of the weights of the last step
   * @throws WeightsException if there is no such average
   */
  public StateDict unet(boolean ema) {
    if (ema && !hasEma()) {
      throw new WeightsException(
          file.origin() + ": has no moving average (model_ema.…) of its weights; load it without");
    }
    int layers = layersPerBlock();
    StateDict views = part("U-Net");
    for (String name : file.names()) {
      if (name.startsWith(root + UNET)) {
        String inner = name.substring((root + UNET).length());
        Tensor tensor = file.get(ema ? root + EMA + flat(inner) : name);
        views.share(LdmNames.unet(inner, layers), tensor);
      }
    }
    return views;
  }

  /** The average's names lack every dot. */
  private static String flat(String name) {
    return "diffusion_model" + name.replace(".", "");
  }

  /** The blocks of the finest resolution end with the first downsampler. */
  private int layersPerBlock() {
    int last = 0;
    while (file.contains(root + UNET + "input_blocks." + (last + 1) + ".0.in_layers.0.weight")) {
      last++;
    }
    return Math.max(1, last);
  }

  /** The autoencoder. */
  public StateDict vae() {
    int count = 0;
    while (file.contains(root + VAE + "decoder.up." + count + ".block.0.norm1.weight")) {
      count++;
    }
    int levels = count;
    return views(
        "autoencoder",
        VAE,
        name ->
            name.startsWith("loss.") || name.startsWith(EMA) ? null : LdmNames.vae(name, levels));
  }

  /** The text encoder. */
  public StateDict text() {
    return architecture == Architecture.STABLE_DIFFUSION_2
        ? openClip()
        : views("text encoder", CLIP, name -> name);
  }

  private StateDict openClip() {
    StateDict views =
        views(
            "text encoder",
            OPEN_CLIP,
            name ->
                isUnused(name) || FUSED.matcher(name).matches() ? null : LdmNames.openClip(name));
    for (String name : file.names()) {
      String prefix = root + OPEN_CLIP;
      Matcher fused = FUSED.matcher(name.startsWith(prefix) ? name.substring(prefix.length()) : "");
      if (fused.matches() && !isUnused(fused.group())) {
        String attention = LdmNames.openClipLayer(fused.group(1)) + "self_attn.";
        Tensor whole = file.get(name); // [3 · width, …]: queries, keys, values
        String[] projections = {"q_proj.", "k_proj.", "v_proj."};
        if (whole.dim() == 0 || whole.size(0) % projections.length != 0) {
          throw new WeightsException(
              file.origin()
                  + ": tensor "
                  + name
                  + " does not hold queries, keys and values of equal size");
        }
        for (int i = 0; i < projections.length; i++) {
          int third = i;
          views.put(
              attention + projections[i] + fused.group(2),
              Scope.compute(() -> Ops.chunk(whole, projections.length, 0)[third]));
        }
      }
    }
    return views;
  }

  private static boolean isUnused(String name) {
    Matcher block = RESBLOCK.matcher(name);
    return block.matches()
        ? Integer.parseInt(block.group(1)) >= OPEN_CLIP_LAYERS
        : name.equals("text_projection") || name.equals("logit_scale") || name.equals("attn_mask");
  }

  /**
   * @param rename null for what is no part of the model
   */
  private StateDict views(String what, String prefix, UnaryOperator<String> rename) {
    try (StateDict views = part(what)) {
      for (String name : file.names()) {
        if (name.startsWith(root + prefix)) {
          String renamed = rename.apply(name.substring((root + prefix).length()));
          if (renamed != null) {
            views.share(renamed, file.get(name));
          }
        }
      }
      return DiffusersNames.current(views);
    }
  }

  private StateDict part(String what) {
    return file.derived(file.origin() + " (" + what + ")");
  }
}
