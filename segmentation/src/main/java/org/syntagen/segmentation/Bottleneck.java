package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.BatchNorm2d;

/**
 * ResNet's bottleneck (He et al., 2016): 1×1 down, 3×3, 1×1 up to four times the width, added to
 * the input. The stride sits in the 3×3 convolution as in torchvision ("v1.5").
 *
 * @param shortcut projection of the input where its shape differs from the output's, else null
 */
record Bottleneck(ConvBlock reduce, ConvBlock middle, ConvBlock expand, ConvBlock shortcut) {
  static final long EXPANSION = 4;

  static Bottleneck of(Weights weights, long in, long width, long stride, long dilation) {
    long out = EXPANSION * width;
    return new Bottleneck(
        block(weights, 1, ConvShape.pointwise(in, width), Activation.RELU),
        block(
            weights,
            2,
            ConvShape.square(width, width, 3).strided(stride).dilated(dilation),
            Activation.RELU),
        block(weights, 3, ConvShape.pointwise(width, out), Activation.NONE),
        stride == 1 && in == out ? null : projection(weights.at("downsample"), in, out, stride));
  }

  private static ConvBlock block(
      Weights weights, int number, ConvShape shape, Activation activation) {
    return new ConvBlock(
        shape.kaiming(weights.at("conv" + number)),
        BatchNorm2d.of(weights.at("bn" + number), shape.out()),
        activation);
  }

  private static ConvBlock projection(Weights weights, long in, long out, long stride) {
    return new ConvBlock(
        ConvShape.pointwise(in, out).strided(stride).kaiming(weights.at(0)),
        BatchNorm2d.of(weights.at(1), out),
        Activation.NONE);
  }

  /** [n, in, h, w] → [n, 4·width, h / stride, w / stride] */
  Tensor forward(Tensor x, Mode mode) {
    Tensor y = reduce.forward(x, mode);
    y = middle.forward(y, mode);
    y = expand.forward(y, mode);
    return Ops.reluInPlace(Ops.addInPlace(y, shortcut == null ? x : shortcut.forward(x, mode), 1));
  }
}
