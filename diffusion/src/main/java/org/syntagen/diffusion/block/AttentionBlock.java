package org.syntagen.diffusion.block;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.GroupNorm;

/** Self-attention over the pixels of a feature map, with a residual connection. */
public record AttentionBlock(GroupNorm groupNorm, MultiHeadAttention attention) {

  public static AttentionBlock of(
      Weights weights, long channels, int heads, long groups, double eps) {
    return new AttentionBlock(
        GroupNorm.of(weights.at("group_norm"), groups, channels, eps),
        MultiHeadAttention.withBiases(weights, channels, heads));
  }

  /** [batch, channels, height, width], same out. */
  public Tensor forward(Tensor x) {
    Tensor pixels = groupNorm.forward(x).flatten(2, 3).transpose(1, 2); // [batch, h·w, channels]
    Tensor mixed = attention.forward(pixels, pixels, null);
    return mixed.transpose(1, 2).reshape(x.size(0), x.size(1), x.size(2), x.size(3)).add(x);
  }
}
