package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.BatchNorm2d;

/**
 * ResNet-50 or -101 (He et al., 2016) at output stride 8: the strides of the last two stages are
 * replaced by dilation, as {@code replace_stride_with_dilation=[False, True, True]} does in
 * torchvision. As there, the first block of a stage keeps the dilation of the stage before it.
 */
record ResNet(ConvBlock stem, List<List<Bottleneck>> stages) implements FeatureExtractor {

  static ResNet resnet50(Weights weights) {
    return of(weights, 6);
  }

  static ResNet resnet101(Weights weights) {
    return of(weights, 23);
  }

  /** The depths differ in the third stage only. */
  private static ResNet of(Weights weights, int thirdStageBlocks) {
    ConvBlock stem =
        new ConvBlock(
            ConvShape.square(3, 64, 7).strided(2).kaiming(weights.at("conv1")),
            BatchNorm2d.of(weights.at("bn1"), 64),
            Activation.RELU);
    return new ResNet(
        stem,
        List.of(
            stage(weights.at("layer1"), 3, 64, 64, 1, 1, 1),
            stage(weights.at("layer2"), 4, 256, 128, 2, 1, 1),
            stage(weights.at("layer3"), thirdStageBlocks, 512, 256, 1, 1, 2),
            stage(weights.at("layer4"), 3, 1024, 512, 1, 2, 4)));
  }

  private static List<Bottleneck> stage(
      Weights weights,
      int blocks,
      long in,
      long width,
      long stride,
      long firstDilation,
      long dilation) {
    List<Bottleneck> stage = new ArrayList<>();
    stage.add(Bottleneck.of(weights.at(0), in, width, stride, firstDilation));
    for (int i = 1; i < blocks; i++) {
      stage.add(Bottleneck.of(weights.at(i), Bottleneck.EXPANSION * width, width, 1, dilation));
    }
    return List.copyOf(stage);
  }

  /** [n, 3, h, w] → aux [n, 1024, h/8, w/8] of the third stage, out [n, 2048, h/8, w/8] */
  @Override
  public Features forward(Tensor images, Mode mode) {
    Tensor x = Ops.maxPool2d(stem.forward(images, mode), 3, 2, 1);
    Tensor aux = null;
    for (int i = 0; i < stages.size(); i++) {
      for (Bottleneck block : stages.get(i)) {
        x = block.forward(x, mode);
      }
      aux = i == 2 ? x : aux;
    }
    return new Features(aux, x);
  }
}
