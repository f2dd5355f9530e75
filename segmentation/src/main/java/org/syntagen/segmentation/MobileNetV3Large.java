package org.syntagen.segmentation;

import static org.syntagen.segmentation.Activation.HARDSWISH;
import static org.syntagen.segmentation.Activation.RELU;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.segmentation.InvertedResidual.Row;
import org.syntagen.tensor.Weights;

/**
 * MobileNetV3-Large (Howard et al., 2019) at output stride 16: the last stage is dilated by 2
 * instead of strided, with its full width, as torchvision builds it for segmentation.
 */
record MobileNetV3Large(ConvBlock stem, List<InvertedResidual> blocks, ConvBlock last)
    implements FeatureExtractor {

  private static final List<Row> TABLE =
      List.of(
          new Row(16, 3, 16, 16, false, RELU, 1, 1),
          new Row(16, 3, 64, 24, false, RELU, 2, 1),
          new Row(24, 3, 72, 24, false, RELU, 1, 1),
          new Row(24, 5, 72, 40, true, RELU, 2, 1),
          new Row(40, 5, 120, 40, true, RELU, 1, 1),
          new Row(40, 5, 120, 40, true, RELU, 1, 1),
          new Row(40, 3, 240, 80, false, HARDSWISH, 2, 1),
          new Row(80, 3, 200, 80, false, HARDSWISH, 1, 1),
          new Row(80, 3, 184, 80, false, HARDSWISH, 1, 1),
          new Row(80, 3, 184, 80, false, HARDSWISH, 1, 1),
          new Row(80, 3, 480, 112, true, HARDSWISH, 1, 1),
          new Row(112, 3, 672, 112, true, HARDSWISH, 1, 1),
          new Row(112, 5, 672, 160, true, HARDSWISH, 2, 2),
          new Row(160, 5, 960, 160, true, HARDSWISH, 1, 2),
          new Row(160, 5, 960, 160, true, HARDSWISH, 1, 2));

  /** The auxiliary head reads the output of the first block at stride 8. */
  private static final int AUX_BLOCK = 3;

  static MobileNetV3Large of(Weights weights) {
    ConvBlock stem =
        InvertedResidual.block(weights.at(0), ConvShape.square(3, 16, 3).strided(2), HARDSWISH);
    List<InvertedResidual> blocks = new ArrayList<>();
    for (Row row : TABLE) {
      blocks.add(InvertedResidual.of(weights.at(blocks.size() + 1).at("block"), row));
    }
    ConvBlock last =
        InvertedResidual.block(
            weights.at(blocks.size() + 1), ConvShape.pointwise(160, 960), HARDSWISH);
    return new MobileNetV3Large(stem, List.copyOf(blocks), last);
  }

  /** [n, 3, h, w] → aux [n, 40, h/8, w/8], out [n, 960, h/16, w/16] */
  @Override
  public Features forward(Tensor images, Mode mode) {
    Tensor x = stem.forward(images, mode);
    Tensor aux = null;
    for (int i = 0; i < blocks.size(); i++) {
      x = blocks.get(i).forward(x, mode);
      aux = i == AUX_BLOCK ? x : aux;
    }
    return new Features(aux, last.forward(x, mode));
  }
}
