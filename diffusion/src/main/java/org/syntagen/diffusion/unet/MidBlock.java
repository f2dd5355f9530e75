package org.syntagen.diffusion.unet;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.diffusion.block.Transformer2D;
import org.syntagen.tensor.Weights;

/** The coarsest resolution's middle (diffusers' UNetMidBlock2DCrossAttn). */
public record MidBlock(ResnetBlock first, Transformer2D attention, ResnetBlock second) {

  public static MidBlock of(
      Weights weights, ResnetBlock.Config resnet, Transformer2D.Config attention) {
    return new MidBlock(
        ResnetBlock.of(weights.at("resnets").at(0), resnet),
        Transformer2D.of(weights.at("attentions").at(0), attention),
        ResnetBlock.of(weights.at("resnets").at(1), resnet));
  }

  public Tensor forward(Tensor x, Tensor time, Tensor context, AttentionProbe probe) {
    Tensor hidden = attention.forward(first.forward(x, time), context, probe);
    return second.forward(hidden, time);
  }
}
