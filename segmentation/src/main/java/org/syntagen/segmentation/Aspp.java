package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.BatchNorm2d;

/**
 * Atrous spatial pyramid pooling (Chen et al., 2017, "Rethinking atrous convolution"): one 1×1
 * convolution, three 3×3 ones of growing dilation and the image's mean, joined and projected.
 *
 * @param branches the 1×1 branch and the dilated ones, in order
 * @param pooled the branch that sees the mean of the whole image
 * @param project joins the five branches
 */
record Aspp(List<ConvBlock> branches, ConvBlock pooled, ConvBlock project) {
  static final long CHANNELS = 256;

  private static final int[] RATES = {12, 24, 36};
  private static final double DROPOUT = 0.5;

  static Aspp of(Weights weights, long in) {
    Weights convs = weights.at("convs");
    List<ConvBlock> branches = new ArrayList<>();
    branches.add(ConvBlock.ofHead(convs.at(0), ConvShape.pointwise(in, CHANNELS)));
    for (int rate : RATES) {
      branches.add(
          ConvBlock.ofHead(
              convs.at(branches.size()), ConvShape.square(in, CHANNELS, 3).dilated(rate)));
    }
    // The pooling itself is number 0 of its branch, so the parameters start at 1.
    Weights last = convs.at(branches.size());
    ConvBlock pooled =
        new ConvBlock(
            ConvShape.pointwise(in, CHANNELS).uniform(last.at(1)),
            BatchNorm2d.of(last.at(2), CHANNELS),
            Activation.RELU);
    ConvShape join = ConvShape.pointwise((branches.size() + 1) * CHANNELS, CHANNELS);
    return new Aspp(List.copyOf(branches), pooled, ConvBlock.ofHead(weights.at("project"), join));
  }

  /** [n, in, h, w] → [n, 256, h, w] */
  Tensor forward(Tensor x, Mode mode) {
    long height = x.size(2);
    long width = x.size(3);
    List<Tensor> parts = new ArrayList<>();
    for (ConvBlock branch : branches) {
      parts.add(branch.forward(x, mode));
    }
    Tensor mean = pooled.forward(Ops.globalAvgPool(x), mode);
    parts.add(mean.expand(mean.size(0), CHANNELS, height, width));
    return mode.dropout(project.forward(Ops.cat(parts, 1), mode), DROPOUT);
  }
}
