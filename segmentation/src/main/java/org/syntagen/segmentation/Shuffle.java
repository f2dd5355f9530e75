package org.syntagen.segmentation;

import org.syntagen.dataset.SplitMix64;

/**
 * In which order a run shows its samples: in shuffled rounds, each of which shows every sample
 * once. A pure function of the seed; thread-safe.
 */
final class Shuffle {
  /** Keeps the streams of the shuffle and of the augmentation apart. */
  private static final long STREAM = 0x5348_5546_464C_45L;

  private final int size;
  private final long seed;
  private volatile Round last;

  /** The order of the samples in one round. */
  private record Round(long number, int[] order) {}

  /**
   * @param size how many samples there are
   */
  Shuffle(int size, long seed) {
    this.size = size;
    this.seed = seed;
  }

  /** Which sample the given draw of the run shows; draws count from 0. */
  int position(long draw) {
    long number = draw / size;
    Round round = last;
    if (round == null || round.number != number) {
      round = new Round(number, order(number));
      last = round;
    }
    return round.order[(int) (draw % size)];
  }

  /** Fisher–Yates. */
  private int[] order(long round) {
    SplitMix64 random = new SplitMix64(SplitMix64.mix(seed ^ STREAM) + round).split(round);
    int[] order = new int[size];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
