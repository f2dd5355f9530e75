package org.syntagen.diffusion;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;

/**
 * Classifier-free guidance (Ho and Salimans, 2022), and the rescaling that keeps its contrast in
 * bounds (Lin et al., 2023, section 3.4; diffusers' rescale_noise_cfg).
 *
 * @param scale how far the prediction goes from the unconditional through the conditional one
 * @param rescale share of the result that gets the conditional prediction's standard deviation, 0
 *     to 1
 */
record Guidance(double scale, double rescale) {

  /**
   * The guided prediction.
   *
   * @param unconditional [images, channels, height, width], as {@code conditional} and the result
   */
  Tensor apply(Tensor unconditional, Tensor conditional) {
    Tensor guided = Ops.add(unconditional, conditional.sub(unconditional), scale);
    if (rescale == 0) {
      return guided;
    }
    Tensor ratio = deviation(conditional).div(deviation(guided));
    return Ops.add(Ops.scale(guided, 1 - rescale), guided.mul(ratio), rescale);
  }

  private static Tensor deviation(Tensor x) {
    return Ops.std(x, true, 1, 2, 3);
  }
}
