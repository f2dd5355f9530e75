package org.syntagen.diffusion.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.LayerNorm;
import org.syntagen.tensor.nn.Linear;

/**
 * CLIP's causal text transformer (Radford et al., 2021), transformers' CLIPTextModel: token ids to
 * one embedding a token. Immutable; its tensors belong to the state dictionary it was built from.
 */
public final class ClipTextModel {
  private final ClipTextConfig config;
  private final Tensor tokenEmbedding; // [vocabSize, width]
  private final Tensor positionEmbedding; // [maxPositions, width]
  private final List<Layer> layers;
  private final LayerNorm finalLayerNorm;
  private final float[] added; // rows of ids beyond the token embedding's

  private record Layer(
      LayerNorm layerNorm1,
      Linear q,
      Linear k,
      Linear v,
      Linear out,
      LayerNorm layerNorm2,
      Linear fc1,
      Linear fc2) {}

  public ClipTextModel(Weights root, ClipTextConfig config) {
    this.config = config;
    Weights weights = root.at("text_model");
    Weights embeddings = weights.at("embeddings");
    tokenEmbedding =
        embeddings.at("token_embedding").normal("weight", 0.02, config.vocabSize(), config.width());
    positionEmbedding =
        embeddings
            .at("position_embedding")
            .normal("weight", 0.02, config.maxPositions(), config.width());
    layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(weights.at("encoder").at("layers").at(i)));
    }
    finalLayerNorm = LayerNorm.of(weights.at("final_layer_norm"), config.width());
    added = new float[0];
  }

  /** Another view of the same tensors. */
  private ClipTextModel(ClipTextModel model, int vocabSize, int layers, float[] added) {
    ClipTextConfig of = model.config;
    config =
        new ClipTextConfig(
            vocabSize,
            of.width(),
            layers,
            of.heads(),
            of.intermediate(),
            of.maxPositions(),
            of.quickGelu());
    tokenEmbedding = model.tokenEmbedding;
    positionEmbedding = model.positionEmbedding;
    this.layers = model.layers.subList(0, layers);
    finalLayerNorm = model.finalLayerNorm;
    this.added = added;
  }

  private Layer layer(Weights weights) {
    long width = config.width();
    Weights attention = weights.at("self_attn");
    return new Layer(
        LayerNorm.of(weights.at("layer_norm1"), width),
        Linear.of(attention.at("q_proj"), width, width),
        Linear.of(attention.at("k_proj"), width, width),
        Linear.of(attention.at("v_proj"), width, width),
        Linear.of(attention.at("out_proj"), width, width),
        LayerNorm.of(weights.at("layer_norm2"), width),
        Linear.of(weights.at("mlp").at("fc1"), width, config.intermediate()),
        Linear.of(weights.at("mlp").at("fc2"), config.intermediate(), width));
  }

  public ClipTextConfig config() {
    return config;
  }

  /**
   * The same model without its last layers: the final normalisation follows the last one that is
   * left, as with diffusers' clip_skip. Shares this one's tensors.
   *
   * @param skipped 0 to layers − 1
   * @throws IllegalArgumentException if so many cannot be left out
   */
  public ClipTextModel withoutLast(int skipped) {
    if (skipped < 0 || skipped >= config.layers()) {
      throw new IllegalArgumentException(
          "clip skip must be 0 to "
              + (config.layers() - 1)
              + " for a text encoder of "
              + config.layers()
              + " layers, not "
              + skipped);
    }
    return new ClipTextModel(this, config.vocabSize(), config.layers() - skipped, added);
  }

  /**
   * The same model with more tokens, whose ids go on where the vocabulary ends. Shares this one's
   * tensors.
   *
   * @param vectors of the tokens, one after the other, each of the model's width
   */
  public ClipTextModel withTokens(float[] vectors) {
    if (vectors.length % config.width() != 0) {
      throw new IllegalArgumentException(
          vectors.length + " numbers are no vectors of width " + config.width());
    }
    float[] all = Arrays.copyOf(added, added.length + vectors.length);
    System.arraycopy(vectors, 0, all, added.length, vectors.length);
    int more = vectors.length / config.width();
    return new ClipTextModel(this, config.vocabSize() + more, config.layers(), all);
  }

  /**
   * @param ids [batch, tokens], dtype I64, at most {@code maxPositions} tokens
   * @return [batch, tokens, width], the last hidden state after the final normalisation
   */
  public Tensor forward(Tensor ids) {
    long tokens = ids.size(1);
    Tensor hidden = embedding(ids).add(positionEmbedding.narrow(0, 0, tokens));
    Tensor mask = causalMask(tokens);
    for (Layer layer : layers) {
      hidden = attend(layer, layer.layerNorm1.forward(hidden), mask).add(hidden);
      Tensor inner = layer.fc1.forward(layer.layerNorm2.forward(hidden));
      inner = config.quickGelu() ? Ops.quickGelu(inner) : Ops.gelu(inner);
      hidden = layer.fc2.forward(inner).add(hidden);
    }
    return finalLayerNorm.forward(hidden);
  }

  /** The vectors of tokens: [batch, tokens, width]. */
  private Tensor embedding(Tensor ids) {
    if (added.length == 0) {
      return Tensors.to(Ops.embedding(tokenEmbedding, ids), Dtype.F32);
    }
    int known = Math.toIntExact(tokenEmbedding.size(0));
    long[] all = Tensors.longs(ids);
    long[] inVocabulary = new long[all.length];
    long[] rows = new long[all.length]; // of the vocabulary's vectors, then the added ones
    for (int i = 0; i < all.length; i++) {
      boolean isAdded = all[i] >= known;
      inVocabulary[i] = isAdded ? 0 : all[i];
      rows[i] = isAdded ? all.length + all[i] - known : i;
    }
    Tensor vectors =
        Tensors.to(Ops.embedding(tokenEmbedding, Tensors.of(inVocabulary, all.length)), Dtype.F32);
    Tensor more = Tensors.of(added, added.length / config.width(), config.width());
    return Ops.cat(List.of(vectors, more), 0)
        .index_select(0, Tensors.of(rows, all.length))
        .reshape(ids.size(0), ids.size(1), config.width());
  }

  private Tensor attend(Layer layer, Tensor x, Tensor mask) {
    long batch = x.size(0);
    Tensor q = split(layer.q.forward(x));
    Tensor k = split(layer.k.forward(x));
    Tensor v = split(layer.v.forward(x));
    double scale = 1 / Math.sqrt(q.size(2));
    Tensor mixed = Ops.bmm(Ops.attentionWeights(q, k, scale, mask), v);
    Tensor merged =
        mixed
            .reshape(batch, config.heads(), x.size(1), mixed.size(2))
            .transpose(1, 2)
            .reshape(batch, x.size(1), config.width());
    return layer.out.forward(merged);
  }

  private Tensor split(Tensor x) {
    long batch = x.size(0);
    long tokens = x.size(1);
    long d = config.width() / config.heads();
    return x.reshape(batch, tokens, config.heads(), d)
        .transpose(1, 2)
        .reshape(batch * config.heads(), tokens, d);
  }

  /** [1, n, n]: 0 where a token may look (itself and before), −∞ elsewhere. */
  private static Tensor causalMask(long n) {
    float[] mask = new float[Math.toIntExact(n * n)];
    for (int row = 0; row < n; row++) {
      for (int column = row + 1; column < n; column++) {
        mask[row * (int) n + column] = Float.NEGATIVE_INFINITY;
      }
    }
    return Tensors.of(mask, 1, n, n);
  }
}
