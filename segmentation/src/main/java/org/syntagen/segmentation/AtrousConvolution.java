package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.nn.Conv2d;

/**
 * Dilated convolutions without the work that a plain one wastes on processors. Results are those of
 * {@link Conv2d#forward}, up to the order of sums.
 */
final class AtrousConvolution {
  private AtrousConvolution() {}

  /**
   * Applies {@code conv}, which must keep the size of the map [n, c, h, w], by the cheapest way.
   */
  static Tensor forward(Conv2d conv, Tensor x) {
    if (conv.dilation() == 1) {
      return conv.forward(x);
    }
    if (conv.dilation() >= Math.max(x.size(2), x.size(3)) && conv.weight().size(2) == 3) {
      return middleTap(conv).forward(x);
    }
    return conv.groups() == x.size(1) ? byPhases(conv, x) : conv.forward(x);
  }

  /**
   * The 1×1 convolution that remains of a 3×3 one when the dilation is at least the size of the
   * map: all taps but the middle one read nothing but padding.
   */
  private static Conv2d middleTap(Conv2d conv) {
    Tensor middle = conv.weight().narrow(2, 1, 1).narrow(3, 1, 1); // [out, in, 1, 1]
    return new Conv2d(middle, conv.bias(), conv.stride(), 0, 1, conv.groups());
  }

  /**
   * A depthwise convolution of dilation d as an undilated one over the d × d interleaved sub-maps,
   * which libraries have fast gradients for.
   */
  private static Tensor byPhases(Conv2d conv, Tensor x) {
    long d = conv.dilation();
    long n = x.size(0);
    long c = x.size(1);
    long height = x.size(2);
    long width = x.size(3);
    long rows = (height + d - 1) / d;
    long columns = (width + d - 1) / d;
    Tensor padded =
        rows * d == height && columns * d == width
            ? x
            : Ops.pad(x, 0, columns * d - width, 0, rows * d - height);
    // Channels stay innermost throughout, so that whole rows of them are moved.
    Tensor phases =
        padded
            .permute(0, 2, 3, 1)
            .reshape(n, rows, d, columns, d, c)
            .permute(2, 4, 0, 1, 3, 5)
            .reshape(d * d * n, rows, columns, c)
            .permute(0, 3, 1, 2); // [d·d·n, c, rows, columns]
    Conv2d undilated =
        new Conv2d(
            conv.weight(), conv.bias(), 1, (conv.weight().size(2) - 1) / 2, 1, conv.groups());
    Tensor y =
        undilated
            .forward(phases)
            .permute(0, 2, 3, 1)
            .reshape(d, d, n, rows, columns, c)
            .permute(2, 3, 0, 4, 1, 5)
            .reshape(n, rows * d, columns * d, c)
            .permute(0, 3, 1, 2); // [n, c, rows·d, columns·d]
    return y.narrow(2, 0, height).narrow(3, 0, width);
  }
}
