package org.syntagen.diffusion.vae;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.block.AttentionBlock;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.tensor.Weights;

/** Residual block, self-attention, residual block (diffusers' UNetMidBlock2D). */
public record VaeMidBlock(ResnetBlock first, AttentionBlock attention, ResnetBlock second) {

  public static VaeMidBlock of(Weights weights, ResnetBlock.Config config, int heads) {
    return new VaeMidBlock(
        ResnetBlock.of(weights.at("resnets").at(0), config),
        AttentionBlock.of(
            weights.at("attentions").at(0), config.out(), heads, config.groups(), config.eps()),
        ResnetBlock.of(weights.at("resnets").at(1), config));
  }

  /**
   * @param time null in the autoencoder
   */
  public Tensor forward(Tensor x, Tensor time) {
    return second.forward(attention.forward(first.forward(x, time)), time);
  }
}
