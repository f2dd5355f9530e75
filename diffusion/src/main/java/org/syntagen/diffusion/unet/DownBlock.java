package org.syntagen.diffusion.unet;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.Downsample;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.diffusion.block.Transformer2D;
import org.syntagen.tensor.Weights;

/**
 * One resolution on the way down (diffusers' DownBlock2D and CrossAttnDownBlock2D).
 *
 * @param attentions one a residual block, or none
 * @param downsampler null at the coarsest resolution
 */
public record DownBlock(
    List<ResnetBlock> resnets, List<Transformer2D> attentions, Downsample downsampler) {

  /**
   * @param attention null for a block without attention
   */
  public static DownBlock of(
      Weights weights,
      ResnetBlock.Config first,
      int layers,
      Transformer2D.Config attention,
      boolean downsample) {
    List<ResnetBlock> resnets = new ArrayList<>();
    List<Transformer2D> attentions = new ArrayList<>();
    ResnetBlock.Config config = first;
    for (int i = 0; i < layers; i++) {
      resnets.add(ResnetBlock.of(weights.at("resnets").at(i), config));
      if (attention != null) {
        attentions.add(Transformer2D.of(weights.at("attentions").at(i), attention));
      }
      config =
          new ResnetBlock.Config(
              first.out(), first.out(), first.timeChannels(), first.groups(), first.eps());
    }
    Downsample downsampler =
        downsample
            ? Downsample.of(weights.at("downsamplers").at(0), first.out(), first.out(), false)
            : null;
    return new DownBlock(resnets, attentions, downsampler);
  }

  /**
   * @param skips receives the output of every layer and of the downsampler
   * @return what the next resolution starts from
   */
  public Tensor forward(
      Tensor x, Tensor time, Tensor context, AttentionProbe probe, List<Tensor> skips) {
    Tensor hidden = x;
    for (int i = 0; i < resnets.size(); i++) {
      hidden = resnets.get(i).forward(hidden, time);
      if (!attentions.isEmpty()) {
        hidden = attentions.get(i).forward(hidden, context, probe);
      }
      skips.add(hidden);
    }
    if (downsampler != null) {
      hidden = downsampler.forward(hidden);
      skips.add(hidden);
    }
    return hidden;
  }
}
