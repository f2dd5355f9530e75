package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;

/**
 * In which order a run shows the samples of several sets: in blocks in which each set has its
 * share, shuffled, and within a set in the rounds of {@link Shuffle}. A pure function of the seed;
 * thread-safe.
 */
final class Mixture {
  /** Keeps the order of sets and that of samples apart. */
  private static final long STREAM = 0x4D49_5854_5552_45L;

  private final List<? extends LabeledImages> sets;
  private final List<Shuffle> shuffles = new ArrayList<>();
  private final List<Integer> shares;
  private final int block; // draws in which each set has its share
  private final long seed;

  /**
   * @param sets at least one, each with images
   * @param shares of a block's draws, one a set
   * @throws InputException unless there are as many shares as sets
   */
  Mixture(List<? extends LabeledImages> sets, List<Integer> shares, long seed) {
    if (sets.size() != shares.size()) {
      throw new InputException(
          "there are %d datasets and %d shares; give one share a dataset, e.g. shares=[3,1]"
              .formatted(sets.size(), shares.size()));
    }
    this.sets = List.copyOf(sets);
    this.shares = List.copyOf(shares);
    this.block = shares.stream().mapToInt(Integer::intValue).sum();
    this.seed = seed;
    for (int set = 0; set < sets.size(); set++) {
      shuffles.add(new Shuffle(sets.get(set).size(), seed + set));
    }
  }

  /** The image of the given draw of the run; draws count from 0. */
  LabeledImage load(long draw) {
    long number = draw / block;
    int[] order = order(number);
    int at = (int) (draw % block);
    int set = order[at];
    int before = 0; // draws from the set within the block
    for (int i = 0; i < at; i++) {
      before += order[i] == set ? 1 : 0;
    }
    long ofSet = number * shares.get(set) + before;
    return sets.get(set).load(shuffles.get(set).position(ofSet));
  }

  /** The sets of a block's draws. */
  private int[] order(long number) {
    SplitMix64 random = new SplitMix64(SplitMix64.mix(seed ^ STREAM) + number).split(number);
    int[] order = new int[block];
    int filled = 0;
    for (int set = 0; set < shares.size(); set++) {
      for (int i = 0; i < shares.get(set); i++) {
        int j = random.nextInt(filled + 1);
        order[filled++] = order[j];
        order[j] = set;
      }
    }
    return order;
  }
}
