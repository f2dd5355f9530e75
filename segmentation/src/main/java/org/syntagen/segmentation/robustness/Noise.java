package org.syntagen.segmentation.robustness;

import org.syntagen.dataset.SplitMix64;

/** The first group of ImageNet-C: independent noise in every value. */
final class Noise {
  private static final double[] DEVIATION = {0.08, 0.12, 0.18, 0.26, 0.38};
  private static final double[] PHOTONS = {60, 25, 12, 5, 3};
  private static final double[] AMOUNT = {0.03, 0.06, 0.09, 0.17, 0.27};

  private Noise() {}

  /** Normal noise. */
  static Colors gaussian(Colors colors, int severity, SplitMix64 random) {
    double deviation = DEVIATION[severity - 1];
    return colors.map(plane -> plane.map(value -> value + deviation * normal(random)));
  }

  /** The noise of few photons: each value counts how many arrive. */
  static Colors shot(Colors colors, int severity, SplitMix64 random) {
    double photons = PHOTONS[severity - 1];
    return colors.map(plane -> plane.map(value -> poisson(value * photons, random) / photons));
  }

  /** Salt and pepper. */
  static Colors impulse(Colors colors, int severity, SplitMix64 random) {
    double amount = AMOUNT[severity - 1];
    return colors.map(
        plane -> plane.map(value -> random.chance(amount) ? (random.chance(0.5) ? 1 : 0) : value));
  }

  /** A draw of the standard normal distribution (Box and Muller 1958). */
  static double normal(SplitMix64 random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
  }

  /**
   * A draw of a Poisson distribution of small mean (Knuth, The Art of Computer Programming 3.4.1).
   */
  static int poisson(double mean, SplitMix64 random) {
    double limit = StrictMath.exp(-mean);
    int count = 0;
    for (double product = random.nextDouble(); product > limit; count++) {
      product *= random.nextDouble();
    }
    return count;
  }
}
