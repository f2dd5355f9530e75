package org.syntagen.dataset;

/**
 * A small seeded source of numbers (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
 * number generators"). It is written out here, rather than taken from the JDK, because what it
 * returns is part of the contract "same seed, same bytes" and must not change with the Java
 * release.
 *
 * <p>Not thread-safe; give each task its own.
 */
public final class SplitMix64 {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** A source that is fully determined by {@code seed}; every long is a legal seed. */
  public SplitMix64(long seed) {
    this.state = seed;
  }

  /** The finalizer of SplitMix64: a bijection on longs that scatters neighbouring values. */
  public static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The next 64 uniformly distributed bits. */
  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** A number in [0, 1) with 53 random bits. */
  public double nextDouble() {
    return (nextLong() >>> 11) * 0x1.0p-53;
  }

  /** A number in [low, high); {@code low} itself where the two are equal. */
  public double between(double low, double high) {
    return low + (high - low) * nextDouble();
  }

  /**
   * A whole number in [0, bound).
   *
   * @throws IllegalArgumentException if {@code bound} is not positive
   */
  public int nextInt(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("bound must be positive, not " + bound);
    }
    return (int) (nextDouble() * bound);
  }

  /** A whole number in [low, high], both inclusive. */
  public int inclusive(int low, int high) {
    return low + nextInt(high - low + 1);
  }

  /** True with the given probability; never for 0, always for 1. */
  public boolean chance(double probability) {
    return nextDouble() < probability;
  }

  /**
   * An independent source for one part of the work. It depends on this source's seed and on {@code
   * stream} and neither reads nor advances this source beyond one draw, so parts that use different
   * streams do not disturb each other.
   */
  public SplitMix64 split(long stream) {
    return new SplitMix64(mix(nextLong() ^ mix(stream + GOLDEN_GAMMA)));
  }
}
