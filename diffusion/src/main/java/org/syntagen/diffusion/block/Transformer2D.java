package org.syntagen.diffusion.block;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.MultiHeadAttention.Observer;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;
import org.syntagen.tensor.nn.GroupNorm;
import org.syntagen.tensor.nn.LayerNorm;
import org.syntagen.tensor.nn.Linear;

/**
 * Self-attention over the pixels of a feature map, cross-attention to a text and a gated
 * feed-forward layer (diffusers' Transformer2DModel with one BasicTransformerBlock).
 *
 * @param projIn 1 × 1 convolution, null when linear
 * @param projInLinear null when convolutional
 * @param attn2 attends to the text; null in a transformer without context
 */
public record Transformer2D(
    GroupNorm norm,
    Conv2d projIn,
    Linear projInLinear,
    LayerNorm norm1,
    MultiHeadAttention attn1,
    LayerNorm norm2,
    MultiHeadAttention attn2,
    LayerNorm norm3,
    Linear feedForwardIn,
    Linear feedForwardOut,
    Conv2d projOut,
    Linear projOutLinear) {

  /**
   * @param channels of the feature map, equal to heads × width of a head
   * @param context width of the text embedding; 0 for self-attention alone
   * @param linearProjection Stable Diffusion 2's variant of the same map
   */
  public record Config(
      long channels, int heads, long context, long groups, boolean linearProjection) {}

  public static Transformer2D of(Weights weights, Config config) {
    long c = config.channels;
    GroupNorm norm = GroupNorm.of(weights.at("norm"), config.groups, c, 1e-6);
    boolean linear = config.linearProjection;
    Conv2d projIn = linear ? null : Conv2d.of(weights.at("proj_in"), c, c, 1, 0);
    Linear projInLinear = linear ? Linear.of(weights.at("proj_in"), c, c) : null;
    Weights block = weights.at("transformer_blocks").at(0);
    boolean cross = config.context > 0;
    return new Transformer2D(
        norm,
        projIn,
        projInLinear,
        LayerNorm.of(block.at("norm1"), c),
        MultiHeadAttention.of(block.at("attn1"), c, c, config.heads),
        cross ? LayerNorm.of(block.at("norm2"), c) : null,
        cross ? MultiHeadAttention.of(block.at("attn2"), c, config.context, config.heads) : null,
        LayerNorm.of(block.at("norm3"), c),
        Linear.of(block.at("ff").at("net").at(0).at("proj"), c, 8 * c),
        Linear.of(block.at("ff").at("net").at(2), 4 * c, c),
        linear ? null : Conv2d.of(weights.at("proj_out"), c, c, 1, 0),
        linear ? Linear.of(weights.at("proj_out"), c, c) : null);
  }

  /**
   * @param x [batch, channels, height, width]
   * @param context [batch, tokens, context]; null lets {@link #attn2} attend to the pixels
   * @param probe receives the attention, or null
   */
  public Tensor forward(Tensor x, Tensor context, AttentionProbe probe) {
    return Scope.compute(() -> transform(x, context, probe));
  }

  private Tensor transform(Tensor x, Tensor context, AttentionProbe probe) {
    long height = x.size(2);
    long width = x.size(3);
    List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    layers.add(norm::forward);
    layers.add(this::project);
    layers.add(
        hidden -> {
          Tensor normed = norm1.forward(hidden);
          Observer observer = probe == null ? null : probe.onSelfAttention(height, width);
          return Ops.addInPlace(attn1.forward(normed, normed, observer), hidden, 1);
        });
    if (attn2 != null) {
      layers.add(
          hidden -> {
            Tensor normed = norm2.forward(hidden);
            Observer observer = probe == null ? null : probe.onCrossAttention(height, width);
            Tensor seen = context == null ? normed : context;
            return Ops.addInPlace(attn2.forward(normed, seen, observer), hidden, 1);
          });
    }
    layers.add(
        hidden ->
            Ops.addInPlace(
                Scope.chain(hidden, List.of(norm3::forward, this::gate, feedForwardOut::forward)),
                hidden,
                1));
    layers.add(this::unproject);
    Tensor change = Scope.chain(x, layers).transpose(1, 2).reshape(Tensors.shape(x));
    // Convolutions are faster on x's memory layout than on that of tokens.
    return x.add(change).contiguous();
  }

  private Tensor project(Tensor x) {
    Tensor pixels = x.flatten(2, 3).transpose(1, 2).contiguous(); // [batch, h·w, channels]
    return projIn != null ? projIn.overPixels(pixels) : projInLinear.forward(pixels);
  }

  private Tensor unproject(Tensor pixels) {
    return projOut != null ? projOut.overPixels(pixels) : projOutLinear.forward(pixels);
  }

  private Tensor gate(Tensor x) {
    Tensor[] halves = Ops.chunk(feedForwardIn.forward(x), 2, 2);
    return Ops.gelu(halves[1]).mul_(halves[0]);
  }
}
