package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;

/**
 * The geometry of a square convolution that keeps the image size at stride 1, and the two ways
 * torchvision initialises its weights.
 *
 * @param in input channels
 * @param out output channels
 * @param kernel side of the kernel in pixels, odd
 * @param groups 1, or {@code in} for a depthwise convolution
 */
record ConvShape(long in, long out, long kernel, long stride, long dilation, long groups) {

  static ConvShape pointwise(long in, long out) {
    return new ConvShape(in, out, 1, 1, 1, 1);
  }

  static ConvShape square(long in, long out, long kernel) {
    return new ConvShape(in, out, kernel, 1, 1, 1);
  }

  ConvShape strided(long newStride) {
    return new ConvShape(in, out, kernel, newStride, dilation, groups);
  }

  ConvShape dilated(long newDilation) {
    return new ConvShape(in, out, kernel, stride, newDilation, groups);
  }

  ConvShape depthwise() {
    return new ConvShape(in, out, kernel, stride, dilation, in);
  }

  /**
   * Weights drawn from N(0, 2 / fan-out), where fan-out counts all output channels even of a
   * grouped convolution as PyTorch does (He et al., 2015); no bias. For backbones.
   */
  Conv2d kaiming(Weights weights) {
    return conv(weights.normal("weight", kaimingStd(), weightShape()), null);
  }

  /** As {@link #kaiming}, with a bias that starts at zero. */
  Conv2d kaimingWithBias(Weights weights) {
    return conv(
        weights.normal("weight", kaimingStd(), weightShape()), weights.constant("bias", 0, out));
  }

  /** Weights drawn uniformly within ±1/√fan-in, PyTorch's default; no bias. For heads. */
  Conv2d uniform(Weights weights) {
    double bound = 1 / Math.sqrt((double) in / groups * kernel * kernel);
    return conv(weights.uniform("weight", bound, weightShape()), null);
  }

  private double kaimingStd() {
    return Math.sqrt(2.0 / (out * kernel * kernel));
  }

  private long[] weightShape() {
    return new long[] {out, in / groups, kernel, kernel};
  }

  private Conv2d conv(Tensor weight, Tensor bias) {
    return new Conv2d(weight, bias, stride, dilation * (kernel - 1) / 2, dilation, groups);
  }
}
