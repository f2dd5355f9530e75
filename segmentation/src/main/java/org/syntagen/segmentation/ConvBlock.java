package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.BatchNorm2d;
import org.syntagen.tensor.nn.Conv2d;

/** Convolution, batch normalisation, activation: the unit that all parts of the network repeat. */
record ConvBlock(Conv2d conv, BatchNorm2d norm, Activation activation) {

  /** A block of a head: parameters {@code 0.…} and {@code 1.…}, PyTorch's defaults, ReLU. */
  static ConvBlock ofHead(Weights weights, ConvShape shape) {
    return new ConvBlock(
        shape.uniform(weights.at(0)), BatchNorm2d.of(weights.at(1), shape.out()), Activation.RELU);
  }

  /** [n, in, h, w] → [n, out, h / stride, w / stride] */
  Tensor forward(Tensor x, Mode mode) {
    return activation.apply(norm.forward(AtrousConvolution.forward(conv, x), mode.training()));
  }
}
