package org.syntagen.diffusion.unet;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.diffusion.block.Transformer2D;
import org.syntagen.diffusion.block.Upsample;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;

/**
 * One resolution on the way up (diffusers' UpBlock2D and CrossAttnUpBlock2D).
 *
 * @param attentions one a residual block, or none
 * @param upsampler null at the finest resolution
 */
public record UpBlock(
    List<ResnetBlock> resnets, List<Transformer2D> attentions, Upsample upsampler) {

  /**
   * @param resnetConfigs one a layer, whose input counts the skip connection's channels
   * @param attention null for a block without attention
   */
  public static UpBlock of(
      Weights weights,
      List<ResnetBlock.Config> resnetConfigs,
      Transformer2D.Config attention,
      boolean upsample) {
    List<ResnetBlock> resnets = new ArrayList<>();
    List<Transformer2D> attentions = new ArrayList<>();
    for (int i = 0; i < resnetConfigs.size(); i++) {
      resnets.add(ResnetBlock.of(weights.at("resnets").at(i), resnetConfigs.get(i)));
      if (attention != null) {
        attentions.add(Transformer2D.of(weights.at("attentions").at(i), attention));
      }
    }
    long channels = resnetConfigs.get(0).out();
    Upsample upsampler =
        upsample ? Upsample.of(weights.at("upsamplers").at(0), channels, channels) : null;
    return new UpBlock(resnets, attentions, upsampler);
  }

  /**
   * @param skips the way down's outputs, of which each layer takes the last
   */
  public Tensor forward(
      Tensor x, Tensor time, Tensor context, AttentionProbe probe, Deque<Tensor> skips) {
    Tensor hidden = x;
    for (int i = 0; i < resnets.size(); i++) {
      hidden = resnets.get(i).forward(Ops.cat(List.of(hidden, skips.removeLast()), 1), time);
      if (!attentions.isEmpty()) {
        hidden = attentions.get(i).forward(hidden, context, probe);
      }
    }
    if (upsampler == null) {
      return hidden;
    }
    // The next skip connection tells the size, also where halving an odd one was not exact.
    Tensor next = skips.peekLast();
    return next == null
        ? upsampler.forward(hidden)
        : upsampler.forward(hidden, next.size(2), next.size(3));
  }
}
