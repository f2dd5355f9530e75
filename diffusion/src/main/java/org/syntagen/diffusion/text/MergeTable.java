package org.syntagen.diffusion.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Byte-pair merges in order of rank, over token ids (Sennrich et al., 2016). Built by {@link #add},
 * and safe to share between threads from then on.
 */
final class MergeTable {
  private record Merge(int rank, int result) {}

  private final Map<Long, Merge> merges = new HashMap<>();

  /** Two neighbouring tokens as one key, ordered by left and then right id. */
  static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  /** Adds the merge of the next rank, of a pair that has none yet. */
  void add(int left, int right, int result) {
    merges.put(pair(left, right), new Merge(merges.size(), result));
  }

  /** Merges a word's symbols, the lowest rank first and from left to right, until none applies. */
  int[] apply(int[] symbols) {
    int[] word = symbols;
    while (true) {
      Merge best = null;
      long bestPair = 0;
      for (int i = 0; i + 1 < word.length; i++) {
        long pair = pair(word[i], word[i + 1]);
        Merge merge = merges.get(pair);
        if (merge != null && (best == null || merge.rank < best.rank)) {
          best = merge;
          bestPair = pair;
        }
      }
      if (best == null) {
        return word;
      }
      word = merge(word, bestPair, best.result);
    }
  }

  /** Replaces each occurrence of a pair, from left to right. */
  static int[] merge(int[] word, long pair, int result) {
    int[] merged = new int[word.length];
    int n = 0;
    for (int i = 0; i < word.length; i++) {
      if (i + 1 < word.length && pair(word[i], word[i + 1]) == pair) {
        merged[n++] = result;
        i++;
      } else {
        merged[n++] = word[i];
      }
    }
    return Arrays.copyOf(merged, n);
  }
}
