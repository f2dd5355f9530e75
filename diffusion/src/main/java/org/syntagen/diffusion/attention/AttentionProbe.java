package org.syntagen.diffusion.attention;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.block.MultiHeadAttention;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * Watches the U-Net's attention and keeps its mean over layers, heads and denoising steps. Maps are
 * added up as they are produced, so memory does not grow with steps. Cross-attention is not that of
 * the prompt but of the pixels' queries over a text of the caller's choice (the class words, for
 * Dataset Diffusion), which leaves the image untouched.
 *
 * <p>Resolutions are given as factors of the latent resolution: factor 4 of a 64 × 64 latent is the
 * 16 × 16 grid. With classifier-free guidance the second half of the batch, the conditional one, is
 * watched. Holds native memory until {@link #close}; not thread-safe. A subclass may watch layers
 * in other ways.
 */
public class AttentionProbe implements AutoCloseable {
  private final Tensor texts;
  private final long samples;
  private final long latentHeight;
  private final Set<Integer> crossFactors;
  private final Set<Integer> selfFactors;
  private final CrossQueries queries; // null: keep none
  private final Map<Integer, Sum> cross = new HashMap<>();
  private final Map<Integer, Sum> self = new HashMap<>();

  private static final class Sum {
    private Tensor total;
    private int count;
    private long heads;
  }

  /**
   * A probe with one text a sample.
   *
   * @param texts embeddings whose attention is recorded: [samples, tokens, width]
   * @param latentHeight height of the latent, the resolution that factors refer to
   * @param crossFactors resolutions at which cross-attention is recorded
   * @param selfFactors resolutions at which self-attention is recorded
   */
  public AttentionProbe(
      Tensor texts, long latentHeight, Set<Integer> crossFactors, Set<Integer> selfFactors) {
    this(texts, texts.size(0), latentHeight, crossFactors, selfFactors);
  }

  /**
   * A probe with several texts a sample, each with attention of its own.
   *
   * @param texts [samples · texts a sample, tokens, width], those of a sample together
   */
  public AttentionProbe(
      Tensor texts,
      long samples,
      long latentHeight,
      Set<Integer> crossFactors,
      Set<Integer> selfFactors) {
    this(texts, samples, latentHeight, crossFactors, selfFactors, null);
  }

  /**
   * A probe that also keeps queries, for texts that are not known yet.
   *
   * @param queries receives them; the caller closes it. Null to keep none
   */
  public AttentionProbe(
      Tensor texts,
      long samples,
      long latentHeight,
      Set<Integer> crossFactors,
      Set<Integer> selfFactors,
      CrossQueries queries) {
    if (texts != null) {
      requireTexts(texts, samples);
    }
    this.queries = queries;
    this.texts = texts;
    this.samples = samples;
    this.latentHeight = latentHeight;
    this.crossFactors = Set.copyOf(crossFactors);
    this.selfFactors = Set.copyOf(selfFactors);
  }

  /** A probe that watches nothing but what a subclass does. */
  protected AttentionProbe() {
    this(null, 1, 1, Set.of(), Set.of(), null);
  }

  static void requireTexts(Tensor texts, long samples) {
    if (samples < 1 || texts.size(0) % samples != 0) {
      throw new IllegalArgumentException(
          texts.size(0) + " texts do not divide into " + samples + " samples");
    }
  }

  /** The observer of a self-attention layer at that resolution, null when it is not wanted. */
  public MultiHeadAttention.Observer onSelfAttention(long height, long width) {
    int factor = factor(height);
    if (!selfFactors.contains(factor)) {
      return null;
    }
    return (attention, queries, keys, outputs) -> {
      try (Scope scope = new Scope()) {
        add(
            self,
            factor,
            MultiHeadAttention.meanWeights(conditional(queries), conditional(keys)),
            queries.size(1));
      }
    };
  }

  /** The observer of a cross-attention layer at that resolution, null when it is not wanted. */
  public MultiHeadAttention.Observer onCrossAttention(long height, long width) {
    int factor = factor(height);
    boolean watch = crossFactors.contains(factor);
    boolean keep = queries != null && queries.wants(factor);
    if (!watch && !keep) {
      return null;
    }
    return (attention, all, keys, outputs) -> {
      Tensor watched = conditional(all);
      if (keep) {
        queries.add(factor, attention, watched);
      }
      if (watch) {
        try (Scope scope = new Scope()) {
          add(cross, factor, weights(attention, watched, texts), watched.size(1));
        }
      }
    };
  }

  /** The last rows of a batch: with classifier-free guidance the conditional half. */
  private Tensor conditional(Tensor batch) {
    return batch.narrow(0, batch.size(0) - samples, samples).detach();
  }

  /**
   * The attention of queries over texts: [texts, positions, tokens].
   *
   * @param queries [samples, heads, positions, channels / heads]
   * @param texts [samples · texts a sample, tokens, width]
   */
  static Tensor weights(MultiHeadAttention attention, Tensor queries, Tensor texts) {
    long samples = queries.size(0);
    long each = texts.size(0) / samples;
    Tensor keys = attention.keys(texts);
    if (each == 1) {
      return MultiHeadAttention.meanWeights(queries, keys);
    }
    long heads = queries.size(1);
    long positions = queries.size(2);
    long channels = queries.size(3);
    Tensor repeated =
        queries
            .unsqueeze(1)
            .expand(samples, each, heads, positions, channels)
            .reshape(samples * each, heads, positions, channels);
    return MultiHeadAttention.meanWeights(repeated, keys);
  }

  /** How often the U-Net halved the latent, as a power of two; odd sizes were rounded up. */
  private int factor(long height) {
    int factor = 1;
    for (long rows = latentHeight; rows > height; rows = (rows + 1) / 2) {
      factor *= 2;
    }
    return factor;
  }

  private static void add(Map<Integer, Sum> sums, int factor, Tensor mean, long heads) {
    Sum sum = sums.computeIfAbsent(factor, key -> new Sum());
    if (sum.total == null) {
      sum.total = Scope.own(mean.clone());
    } else {
      Ops.addInPlace(sum.total, mean, 1);
    }
    sum.count++;
    sum.heads += heads;
  }

  /** Mean cross-attention at a factor: [texts, height · width, tokens], rows sum to 1. */
  public Tensor cross(int factor) {
    return mean(cross, factor);
  }

  /** Of how many heads of all layers and steps {@link #cross} is the mean; 0 if there is none. */
  public long crossHeads(int factor) {
    Sum sum = cross.get(factor);
    return sum == null ? 0 : sum.heads;
  }

  /** Mean self-attention at a factor: [samples, height · width, height · width], rows sum to 1. */
  public Tensor self(int factor) {
    return mean(self, factor);
  }

  private static Tensor mean(Map<Integer, Sum> sums, int factor) {
    Sum sum = sums.get(factor);
    if (sum == null) {
      throw new IllegalStateException(
          "no attention layer at 1/" + factor + " of the latent resolution");
    }
    return Ops.scale(sum.total, 1.0 / sum.count);
  }

  @Override
  public void close() {
    cross.values().forEach(sum -> sum.total.close());
    self.values().forEach(sum -> sum.total.close());
    cross.clear();
    self.clear();
  }
}
