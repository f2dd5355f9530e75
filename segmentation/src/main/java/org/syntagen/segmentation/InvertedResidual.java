package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.BatchNorm2d;

/**
 * MobileNetV3's block (Howard et al., 2019): 1×1 up, depthwise, optional squeeze-and-excitation,
 * 1×1 down, added to the input where the shapes agree.
 *
 * @param expand null where the block does not widen its input
 * @param gate null for blocks without squeeze-and-excitation
 */
record InvertedResidual(
    ConvBlock expand,
    ConvBlock depthwise,
    SqueezeExcitation gate,
    ConvBlock project,
    boolean residual) {

  /**
   * One row of the architecture's table.
   *
   * @param expanded channels inside the block
   * @param stride of the depthwise convolution; where it is dilated, the stride becomes 1
   */
  record Row(
      long in,
      long kernel,
      long expanded,
      long out,
      boolean gated,
      Activation activation,
      long stride,
      long dilation) {}

  static InvertedResidual of(Weights weights, Row row) {
    int at = 0;
    ConvBlock expand = null;
    if (row.expanded != row.in) {
      ConvShape shape = ConvShape.pointwise(row.in, row.expanded);
      expand = block(weights.at(at++), shape, row.activation);
    }
    ConvShape filter =
        ConvShape.square(row.expanded, row.expanded, row.kernel)
            .depthwise()
            .strided(row.dilation > 1 ? 1 : row.stride)
            .dilated(row.dilation);
    ConvBlock depthwise = block(weights.at(at++), filter, row.activation);
    SqueezeExcitation gate =
        row.gated ? SqueezeExcitation.of(weights.at(at++), row.expanded) : null;
    ConvBlock project =
        block(weights.at(at), ConvShape.pointwise(row.expanded, row.out), Activation.NONE);
    return new InvertedResidual(
        expand, depthwise, gate, project, row.stride == 1 && row.in == row.out);
  }

  /** A block with MobileNetV3's batch normalisation: ε 0.001, momentum 0.01. */
  static ConvBlock block(Weights weights, ConvShape shape, Activation activation) {
    return new ConvBlock(
        shape.kaiming(weights.at(0)),
        BatchNorm2d.of(weights.at(1), shape.out(), 0.001, 0.01),
        activation);
  }

  /** [n, in, h, w] → [n, out, h / stride, w / stride] */
  Tensor forward(Tensor x, Mode mode) {
    Tensor y = expand == null ? x : expand.forward(x, mode);
    y = depthwise.forward(y, mode);
    y = gate == null ? y : gate.forward(y);
    y = project.forward(y, mode);
    return residual ? Ops.addInPlace(y, x, 1) : y;
  }
}
