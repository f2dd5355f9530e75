package org.syntagen.diffusion.vae;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.block.Downsample;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Weights;

/**
 * One resolution of the encoder (diffusers' DownEncoderBlock2D).
 *
 * @param downsampler null at the coarsest resolution
 */
public record EncoderBlock(List<ResnetBlock> resnets, Downsample downsampler) {

  /** Whether and how the block halves the resolution. */
  public enum Halving {
    NONE,
    /** Padding on all sides. */
    SYMMETRIC,
    /** Padding right and bottom, as Stable Diffusion's encoder does. */
    ASYMMETRIC
  }

  public static EncoderBlock of(
      Weights weights, ResnetBlock.Config first, int layers, Halving halving) {
    List<ResnetBlock> resnets = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      long in = i == 0 ? first.in() : first.out();
      resnets.add(
          ResnetBlock.of(
              weights.at("resnets").at(i),
              new ResnetBlock.Config(in, first.out(), 0, first.groups(), first.eps())));
    }
    Downsample downsampler =
        halving == Halving.NONE
            ? null
            : Downsample.of(
                weights.at("downsamplers").at(0),
                first.out(),
                first.out(),
                halving == Halving.ASYMMETRIC);
    return new EncoderBlock(resnets, downsampler);
  }

  public Tensor forward(Tensor x) {
    List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    resnets.forEach(resnet -> layers.add(y -> resnet.forward(y, null)));
    if (downsampler != null) {
      layers.add(downsampler::forward);
    }
    return Scope.chain(x, layers);
  }
}
