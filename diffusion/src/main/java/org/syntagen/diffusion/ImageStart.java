package org.syntagen.diffusion;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;

/**
 * Images that sampling starts from instead of noise alone: they are noised to a level in between
 * and denoised from there (SDEdit; Meng et al., 2022), as in diffusers'
 * StableDiffusionImg2ImgPipeline.
 *
 * @param images [batch, 3, height, width] in −1 … 1; they stay the caller's
 * @param strength share of the steps that is taken, above 0 and up to 1; with 1 hardly anything of
 *     an image is left
 */
public record ImageStart(Tensor images, double strength) {

  public ImageStart {
    requireStrength(strength);
  }

  static void requireStrength(double strength) {
    if (!(strength > 0 && strength <= 1)) {
      throw new IllegalArgumentException("strength must be above 0 and at most 1, not " + strength);
    }
  }

  /**
   * How many of the first steps are left out.
   *
   * @throws InputException if none would be taken
   */
  static int skipped(double strength, int steps) {
    int taken = (int) (steps * strength);
    if (taken < 1) {
      throw new InputException(
          "strength "
              + strength
              + " of "
              + steps
              + " steps is less than one step; raise the strength or the number of steps");
    }
    return steps - taken;
  }
}
