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
  /** Attention weights held at once while they are averaged: 64 MiB. */
  private static final long MOST_WEIGHTS = 1 << 24;

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

  /**
   * Sees what the attention is computed from and what comes out; it is freed right after. The
   * layer's own result never depends on whether anybody watches.
   */
  @FunctionalInterface
  public interface Observer {
    /**
     * @param attention the layer
     * @param queries [batch, heads, positions, channels / heads]
     * @param keys [batch, heads, keys, channels / heads]
     * @param outputs of the heads, before they are mixed: [batch, heads, positions, channels /
     *     heads]
     */
    void observe(MultiHeadAttention attention, Tensor queries, Tensor keys, Tensor outputs);
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
    Tensor k = keys(context);
    Tensor outputs = Ops.attention(q, k, split(toV.forward(context)));
    if (observer != null) {
      observer.observe(this, q, k, outputs);
    }
    return toOut.forward(outputs.transpose(1, 2).reshape(x.size(0), x.size(1), x.size(2)));
  }

  /**
   * What queries are compared with.
   *
   * @param context [batch, keys, context]
   * @return [batch, heads, keys, channels / heads]
   */
  public Tensor keys(Tensor context) {
    return split(toK.forward(context));
  }

  /**
   * The attention weights, averaged over the heads without ever holding those of all heads of a
   * large feature map.
   *
   * @param queries [batch, heads, positions, channels / heads]
   * @param keys [batch, heads, keys, channels / heads]
   * @return [batch, positions, keys], rows sum to 1; owned by the open scope
   */
  public static Tensor meanWeights(Tensor queries, Tensor keys) {
    long batch = queries.size(0);
    long heads = queries.size(1);
    long positions = queries.size(2);
    long atOnce = MOST_WEIGHTS / (batch * positions * keys.size(2));
    long step = Math.max(1, Math.min(heads, atOnce));
    double scale = 1 / Math.sqrt(queries.size(3));
    return Scope.compute(
        () -> {
          Tensor total = null;
          for (long head = 0; head < heads; head += step) {
            try (Scope some = new Scope()) {
              long count = Math.min(step, heads - head);
              Tensor weights =
                  Ops.attentionWeights(
                      queries.narrow(1, head, count).flatten(0, 1),
                      keys.narrow(1, head, count).flatten(0, 1),
                      scale,
                      null);
              Tensor sum =
                  Ops.sum(weights.reshape(batch, count, positions, keys.size(2)), false, 1);
              total = some.keep(total == null ? sum : total.add(sum));
            }
          }
          return Ops.scale(total, 1.0 / heads);
        });
  }

  /** [batch, n, heads · d] → [batch, heads, n, d] */
  private Tensor split(Tensor x) {
    return x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
  }
}
