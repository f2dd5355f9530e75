package org.syntagen.diffusion.attention;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.block.MultiHeadAttention;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * The queries of the U-Net's cross-attention, kept while an {@link AttentionProbe} watches. A query
 * does not depend on the text it is matched with, so the attention over any text can be computed
 * afterwards without running the U-Net again: maps of words that nobody had thought of.
 *
 * <p>Queries of 512 × 512 pixels at factor 4 take 1.3 MiB a layer and call of Stable Diffusion in
 * 32-bit floats, and there are five such layers. Holds native memory until {@link #close}; not
 * thread-safe.
 */
public final class CrossQueries implements AutoCloseable {
  private final Set<Integer> factors;
  private final IntPredicate calls;
  private final Dtype dtype;
  private final long mostBytes;
  private final Map<MultiHeadAttention, Integer> called = new IdentityHashMap<>();
  private final Map<Integer, List<Kept>> kept = new HashMap<>(); // by factor
  private long samples;
  private long bytes;

  /**
   * @param queries [samples, heads, positions, channels / heads]
   */
  private record Kept(MultiHeadAttention attention, Tensor queries) {}

  /**
   * An empty store.
   *
   * @param factors resolutions to keep, as parts of the latent's
   * @param calls which calls of the U-Net to keep, counted from 0
   * @param dtype F32 for the maps that a probe would have made, or BF16 for half the memory
   * @param mostBytes of all queries in all
   */
  public CrossQueries(Set<Integer> factors, IntPredicate calls, Dtype dtype, long mostBytes) {
    if (dtype != Dtype.F32 && dtype != Dtype.BF16) {
      throw new IllegalArgumentException("queries are kept as F32 or BF16, not " + dtype);
    }
    this.factors = Set.copyOf(factors);
    this.calls = calls;
    this.dtype = dtype;
    this.mostBytes = mostBytes;
  }

  boolean wants(int factor) {
    return factors.contains(factor);
  }

  /**
   * Keeps the queries of a layer's call, if it is one of those wanted.
   *
   * @param watched [samples, heads, positions, channels / heads]
   * @throws InputException if there is no room for them
   */
  void add(int factor, MultiHeadAttention attention, Tensor watched) {
    int call = called.merge(attention, 1, Integer::sum) - 1;
    if (!calls.test(call)) {
      return;
    }
    long more = watched.numel() * dtype.bytes();
    if (bytes + more > mostBytes) {
      throw new InputException(
          "the attention's queries take more than the "
              + mostBytes
              + " bytes they may; keep fewer steps, a coarser resolution or BF16");
    }
    Tensor copy =
        Scope.own(Scope.compute(() -> Tensors.copy(watched.detach(), dtype).contiguous()));
    kept.computeIfAbsent(factor, key -> new ArrayList<>()).add(new Kept(attention, copy));
    bytes += more;
    samples = watched.size(0);
  }

  /** Of how many heads of all kept layers and calls {@link #cross} is the mean; 0 if none. */
  public long crossHeads(int factor) {
    return kept.getOrDefault(factor, List.of()).stream()
        .mapToLong(layer -> layer.queries.size(1))
        .sum();
  }

  /** Memory of the kept queries. */
  public long bytes() {
    return bytes;
  }

  /**
   * What {@link AttentionProbe#cross} would have told had it known the texts, over the calls that
   * were kept.
   *
   * @param texts [samples · texts a sample, tokens, width], those of a sample together
   * @return [texts, height · width, tokens], rows sum to 1; owned by the open scope
   */
  public Tensor cross(int factor, Tensor texts) {
    List<Kept> layers = kept.getOrDefault(factor, List.of());
    if (layers.isEmpty()) {
      throw new IllegalStateException(
          "no queries were kept at 1/" + factor + " of the latent resolution");
    }
    AttentionProbe.requireTexts(texts, samples);
    return Scope.compute(
        () -> {
          Tensor total = null;
          for (Kept layer : layers) {
            try (Scope scope = new Scope()) {
              Tensor mean =
                  AttentionProbe.weights(
                      layer.attention, Tensors.to(layer.queries, Dtype.F32), texts);
              total = scope.keep(total == null ? mean : total.add(mean));
            }
          }
          return Ops.scale(total, 1.0 / layers.size());
        });
  }

  @Override
  public void close() {
    kept.values().forEach(layers -> layers.forEach(layer -> layer.queries.close()));
    kept.clear();
    called.clear();
    bytes = 0;
  }
}
