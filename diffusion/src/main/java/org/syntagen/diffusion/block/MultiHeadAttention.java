package org.syntagen.diffusion.block;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Linear;

/**
 * Scaled dot-product attention with several heads (diffusers' Attention).
 *
 * @param toQ [inner, channels]
 * @param toK [inner, context]
 * @param toV [inner, context]
 * @param toOut [channels, inner], with bias
 */
public record MultiHeadAttention(Linear toQ, Linear toK, Linear toV, Linear toOut, int heads) {

  /** Without biases on queries, keys and values, as in the U-Net. */
  public static MultiHeadAttention of(Weights weights, long channels, long context, int heads) {
    return new MultiHeadAttention(
        Linear.withoutBias(weights.at("to_q"), channels, channels),
        Linear.withoutBias(weights.at("to_k"), context, channels),
        Linear.withoutBias(weights.at("to_v"), context, channels),
        Linear.of(weights.at("to_out").at(0), channels, channels),
        heads);
  }

  /** With biases everywhere, as in the autoencoder. */
  public static MultiHeadAttention withBiases(Weights weights, long channels, int heads) {
    return new MultiHeadAttention(
        Linear.of(weights.at("to_q"), channels, channels),
        Linear.of(weights.at("to_k"), channels, channels),
        Linear.of(weights.at("to_v"), channels, channels),
        Linear.of(weights.at("to_out").at(0), channels, channels),
        heads);
  }

  /** Sees the attention while it is computed; what it is given is freed right after. */
  @FunctionalInterface
  public interface Observer {
    /**
     * @param attention the layer
     * @param queries [batch · heads, positions, channels / heads]
     * @param weights [batch · heads, positions, keys], rows sum to 1
     */
    void observe(MultiHeadAttention attention, Tensor queries, Tensor weights);
  }

  /**
   * @param x [batch, positions, channels]
   * @param context [batch, keys, context]; x itself for self-attention
   * @param observer null when nobody watches
   * @return [batch, positions, channels]
   */
  public Tensor forward(Tensor x, Tensor context, Observer observer) {
    return Scope.compute(() -> attend(x, context, observer));
  }

  private Tensor attend(Tensor x, Tensor context, Observer observer) {
    Tensor q = split(toQ.forward(x));
    Tensor weights = weights(q, context);
    if (observer != null) {
      observer.observe(this, q, weights);
    }
    Tensor mixed = Ops.bmm(weights, split(toV.forward(context)));
    return toOut.forward(merge(mixed, x.size(0)));
  }

  /**
   * The attention of given queries over a text.
   *
   * @param queries [batch · heads, positions, channels / heads]
   * @param text [batch, tokens, context]
   * @return [batch · heads, positions, tokens]
   */
  public Tensor weights(Tensor queries, Tensor text) {
    double scale = 1 / Math.sqrt(queries.size(2));
    return Ops.attentionWeights(queries, split(toK.forward(text)), scale, null);
  }

  /** [batch, n, heads · d] → [batch · heads, n, d] */
  private Tensor split(Tensor x) {
    long batch = x.size(0);
    long n = x.size(1);
    long d = x.size(2) / heads;
    return x.reshape(batch, n, heads, d).transpose(1, 2).reshape(batch * heads, n, d);
  }

  /** [batch · heads, n, d] → [batch, n, heads · d] */
  private Tensor merge(Tensor x, long batch) {
    long n = x.size(1);
    long d = x.size(2);
    return x.reshape(batch, heads, n, d).transpose(1, 2).reshape(batch, n, heads * d);
  }
}
