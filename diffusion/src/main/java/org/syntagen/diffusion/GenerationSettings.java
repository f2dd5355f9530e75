package org.syntagen.diffusion;

import org.syntagen.diffusion.scheduler.SchedulerKind;

/**
 * How an image is sampled; with the prompt and the seed it determines the image.
 *
 * @param width of the image in pixels
 * @param steps denoising steps; Heun and PNDM call the model more often
 * @param guidance scale of classifier-free guidance; 1 or less turns it off
 * @param negativePrompt what guidance leads away from
 * @param guidanceRescale how much of the contrast that guidance adds is taken back, 0 to 1 (Lin et
 *     al., 2023)
 */
public record GenerationSettings(
    int width,
    int height,
    int steps,
    double guidance,
    String negativePrompt,
    SchedulerKind scheduler,
    double guidanceRescale) {

  /** Without rescaling of guidance. */
  public GenerationSettings(
      int width,
      int height,
      int steps,
      double guidance,
      String negativePrompt,
      SchedulerKind scheduler) {
    this(width, height, steps, guidance, negativePrompt, scheduler, 0);
  }

  public GenerationSettings {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("width and height must be positive");
    }
    if (steps < 1 || steps > 1000) {
      throw new IllegalArgumentException("steps must be 1 to 1000, not " + steps);
    }
    if (!(guidance >= 0 && guidance <= 100)) {
      throw new IllegalArgumentException("guidance must be 0 to 100, not " + guidance);
    }
    if (!(guidanceRescale >= 0 && guidanceRescale <= 1)) {
      throw new IllegalArgumentException("guidance rescale must be 0 to 1, not " + guidanceRescale);
    }
    if (negativePrompt == null || scheduler == null) {
      throw new IllegalArgumentException("negative prompt and scheduler must be given");
    }
  }

  /** Whether every step also predicts for the negative prompt. */
  public boolean guided() {
    return guidance > 1;
  }
}
