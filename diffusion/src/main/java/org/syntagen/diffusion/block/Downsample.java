package org.syntagen.diffusion.block;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;

/**
 * Halves the resolution with a 3 × 3 convolution of stride 2.
 *
 * @param asymmetric pad right and bottom only, as the autoencoder's encoder does
 */
public record Downsample(Conv2d conv, boolean asymmetric) {

  public static Downsample of(Weights weights, long in, long out, boolean asymmetric) {
    return new Downsample(
        Conv2d.of(weights.at("conv"), in, out, 3, 2, asymmetric ? 0 : 1), asymmetric);
  }

  public Tensor forward(Tensor x) {
    return conv.forward(asymmetric ? Ops.pad(x, 0, 1, 0, 1) : x);
  }
}
