package org.syntagen.tensor.nn;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;

/**
 * 2-D convolution over [batch, in, height, width] with a square kernel.
 *
 * @param weight [out, in / groups, kernel, kernel]
 * @param bias [out], or null
 */
public record Conv2d(
    Tensor weight, Tensor bias, long stride, long padding, long dilation, long groups) {

  /** Stride 1, no dilation, one group, with bias. */
  public static Conv2d of(Weights weights, long in, long out, long kernel, long padding) {
    return of(weights, in, out, kernel, 1, padding);
  }

  /** No dilation, one group, with bias. */
  public static Conv2d of(
      Weights weights, long in, long out, long kernel, long stride, long padding) {
    double bound = 1 / Math.sqrt(in * kernel * kernel);
    return new Conv2d(
        weights.uniform("weight", bound, out, in, kernel, kernel),
        weights.uniform("bias", bound, out),
        stride,
        padding,
        1,
        1);
  }

  public Tensor forward(Tensor x) {
    return HalfWeights.apply(
        x, weight, bias, (y, w, b) -> Ops.conv2d(y, w, b, stride, padding, dilation, groups));
  }

  /** A 1 × 1 kernel as the linear map of each pixel: [batch, pixels, in] → [batch, pixels, out]. */
  public Tensor overPixels(Tensor x) {
    return HalfWeights.apply(x, weight, bias, (y, w, b) -> Ops.linear(y, w.flatten(1, -1), b));
  }
}
