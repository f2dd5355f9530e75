package org.syntagen.dataset;

/**
 * The seed of one sample as a pure function of the dataset's seed and the sample's index. It is
 * what makes a dataset reproducible by sample: no order, batch, shard or interruption can change
 * it.
 */
public final class SampleSeed {
  /** Seeds lie below this bound, so that they survive JSON readers that hold numbers as doubles. */
  public static final long BOUND = 1L << 53;

  private SampleSeed() {}

  /**
   * The seed of sample {@code index}: a number in [0, 2<sup>53</sup>). Two rounds of the SplitMix64
   * finalizer keep neighbouring seeds and indices apart.
   *
   * @throws IllegalArgumentException if {@code index} is negative
   */
  public static long of(long datasetSeed, int index) {
    if (index < 0) {
      throw new IllegalArgumentException("sample index must not be negative: " + index);
    }
    long scattered = SplitMix64.mix(datasetSeed + 0x9E3779B97F4A7C15L);
    return SplitMix64.mix(scattered + index * 0xD1342543DE82EF95L) >>> 11;
  }
}
