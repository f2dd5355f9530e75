package org.syntagen.diffusion.checkpoint;

import org.syntagen.tensor.StateDict;

/** What a file of weights holds, as far as its tensors' names and shapes tell. */
public enum Architecture {
  STABLE_DIFFUSION_1("Stable Diffusion 1.x"),
  STABLE_DIFFUSION_2("Stable Diffusion 2.x"),
  STABLE_DIFFUSION_XL("Stable Diffusion XL"),
  STABLE_DIFFUSION_3("Stable Diffusion 3"),
  FLUX("FLUX"),
  UNCLIP("Stable unCLIP"),
  INPAINTING("an inpainting model, whose U-Net takes 9 channels"),
  INSTRUCT_PIX2PIX("InstructPix2Pix, whose U-Net takes 8 channels"),
  UPSCALER("an upscaler, whose U-Net takes 7 channels"),
  DEPTH("a depth-conditioned model, whose U-Net takes 5 channels"),
  CONTROL_NET("a ControlNet"),
  LORA("a LoRA, which changes a model and is none"),
  PART("one part of a model in diffusers' layout"),
  UNKNOWN("no model of a known kind");

  private final String title;

  Architecture(String title) {
    this.title = title;
  }

  /** For readers. */
  public String title() {
    return title;
  }

  /** Whether it can be loaded from a single file. */
  public boolean supported() {
    return this == STABLE_DIFFUSION_1 || this == STABLE_DIFFUSION_2;
  }

  /**
   * @param root what every tensor's name begins with, such as "state_dict."
   */
  static Architecture of(StateDict file, String root) {
    if (has(file, root + "conditioner.embedders.")) {
      return STABLE_DIFFUSION_XL;
    }
    String unet = root + LdmCheckpoint.UNET;
    if (has(file, unet + "joint_blocks.")) {
      return STABLE_DIFFUSION_3;
    }
    if (has(file, unet + "double_blocks.") || has(file, root + "double_blocks.")) {
      return FLUX;
    }
    if (has(file, root + "control_model.") || has(file, root + "controlnet_")) {
      return CONTROL_NET;
    }
    if (has(file, root + "lora_") || file.names().stream().anyMatch(n -> n.contains(".lora"))) {
      return LORA;
    }
    String first = unet + "input_blocks.0.0.weight";
    if (!file.contains(first)) {
      boolean part =
          has(file, root + "conv_in.") || has(file, root + "text_model.") || has(file, "encoder.");
      return part ? PART : UNKNOWN;
    }
    if (has(file, unet + "label_emb.")) {
      return UNCLIP;
    }
    if (file.get(first).dim() != 4) {
      return UNKNOWN;
    }
    return switch ((int) file.get(first).size(1)) {
      case 9 -> INPAINTING;
      case 8 -> INSTRUCT_PIX2PIX;
      case 7 -> UPSCALER;
      case 5 -> DEPTH;
      default ->
          has(file, root + LdmCheckpoint.OPEN_CLIP) ? STABLE_DIFFUSION_2 : STABLE_DIFFUSION_1;
    };
  }

  private static boolean has(StateDict file, String prefix) {
    return file.names().stream().anyMatch(name -> name.startsWith(prefix));
  }
}
