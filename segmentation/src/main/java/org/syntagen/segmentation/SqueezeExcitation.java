package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;

/** Scales channels by a gate computed from their means (Hu et al., 2018), hard sigmoid variant. */
record SqueezeExcitation(Conv2d squeeze, Conv2d excite) {

  static SqueezeExcitation of(Weights weights, long channels) {
    long squeezed = divisibleBy8(channels / 4);
    return new SqueezeExcitation(
        ConvShape.pointwise(channels, squeezed).kaimingWithBias(weights.at("fc1")),
        ConvShape.pointwise(squeezed, channels).kaimingWithBias(weights.at("fc2")));
  }

  /** The nearest multiple of 8 that is at least 8 and at least 90 % of {@code channels}. */
  static long divisibleBy8(long channels) {
    long rounded = Math.max(8, (channels + 4) / 8 * 8);
    return rounded < 0.9 * channels ? rounded + 8 : rounded;
  }

  /** [n, channels, h, w] → the same shape */
  Tensor forward(Tensor x) {
    Tensor gate = Ops.reluInPlace(squeeze.forward(Ops.globalAvgPool(x)));
    return x.mul(Ops.hardsigmoid(excite.forward(gate)));
  }
}
