package org.syntagen.diffusion.vae;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.diffusion.block.Upsample;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Weights;

/**
 * One resolution of the decoder (diffusers' UpDecoderBlock2D).
 *
 * @param upsampler null at the finest resolution
 */
public record DecoderBlock(List<ResnetBlock> resnets, Upsample upsampler) {

  public static DecoderBlock of(
      Weights weights, ResnetBlock.Config first, int layers, boolean upsample) {
    List<ResnetBlock> resnets = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      long in = i == 0 ? first.in() : first.out();
      resnets.add(
          ResnetBlock.of(
              weights.at("resnets").at(i),
              new ResnetBlock.Config(in, first.out(), 0, first.groups(), first.eps())));
    }
    Upsample upsampler =
        upsample ? Upsample.of(weights.at("upsamplers").at(0), first.out(), first.out()) : null;
    return new DecoderBlock(resnets, upsampler);
  }

  public Tensor forward(Tensor x) {
    List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    resnets.forEach(resnet -> layers.add(y -> resnet.forward(y, null)));
    if (upsampler != null) {
      layers.add(upsampler::forward);
    }
    return Scope.chain(x, layers);
  }
}
