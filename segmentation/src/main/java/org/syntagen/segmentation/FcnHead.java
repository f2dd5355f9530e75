package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;

/** The auxiliary head (Long et al., 2015), which only training looks at: 3×3, dropout, 1×1. */
record FcnHead(ConvBlock reduce, Conv2d classify) {
  private static final double DROPOUT = 0.1;

  static FcnHead of(Weights weights, long in, long classes) {
    long width = in / 4;
    return new FcnHead(
        ConvBlock.ofHead(weights, ConvShape.square(in, width, 3)),
        Conv2d.of(weights.at(4), width, classes, 1, 0));
  }

  /** [n, in, h, w] → [n, classes, h, w] */
  Tensor forward(Tensor x, Mode mode) {
    return classify.forward(mode.dropout(reduce.forward(x, mode), DROPOUT));
  }
}
