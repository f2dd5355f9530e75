package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.BatchNorm2d;
import org.syntagen.tensor.nn.Conv2d;

/** From the backbone's last map to one logit a class: pyramid pooling, 3×3, 1×1. */
record DeepLabHead(Aspp pyramid, ConvBlock smooth, Conv2d classify) {

  static DeepLabHead of(Weights weights, long in, long classes) {
    ConvShape shape = ConvShape.square(Aspp.CHANNELS, Aspp.CHANNELS, 3);
    return new DeepLabHead(
        Aspp.of(weights.at(0), in),
        new ConvBlock(
            shape.uniform(weights.at(1)),
            BatchNorm2d.of(weights.at(2), Aspp.CHANNELS),
            Activation.RELU),
        Conv2d.of(weights.at(4), Aspp.CHANNELS, classes, 1, 0));
  }

  /** [n, in, h, w] → [n, classes, h, w] */
  Tensor forward(Tensor x, Mode mode) {
    return classify.forward(smooth.forward(pyramid.forward(x, mode), mode));
  }
}
