package org.syntagen.segmentation.robustness;

import org.syntagen.dataset.SplitMix64;

/** The second group of ImageNet-C: blur of lenses, frosted glass, motion and zoom. */
final class Blur {
  /** Radius, and deviation that smooths the disc. */
  private static final double[][] DEFOCUS = {{3, 0.1}, {4, 0.5}, {6, 0.5}, {8, 0.5}, {10, 0.5}};

  /** Deviation, farthest move, rounds. */
  private static final double[][] GLASS = {
    {0.7, 1, 2}, {0.9, 2, 1}, {1, 2, 3}, {1.1, 3, 2}, {1.5, 4, 2}
  };

  /** Radius, deviation. */
  private static final double[][] MOTION = {{10, 3}, {15, 5}, {15, 8}, {15, 12}, {20, 15}};

  private static final double MOST_ANGLE = 45;

  /** How many zooms, and by how much each grows. */
  private static final double[][] ZOOM = {
    {12, 0.01}, {16, 0.01}, {11, 0.02}, {13, 0.02}, {11, 0.03}
  };

  /** Up to this radius, the published disc lies in a square of this half side. */
  private static final int SMALL_DISC = 8;

  private Blur() {}

  static Colors defocus(Colors colors, int severity, SplitMix64 random) {
    double[] how = DEFOCUS[severity - 1];
    double radius = how[0] * Corruption.scale(colors);
    Plane disc = disc(radius, how[1]);
    return colors.map(plane -> plane.filtered(disc));
  }

  private static Plane disc(double radius, double deviation) {
    int half = radius <= SMALL_DISC ? SMALL_DISC : (int) Math.ceil(radius);
    int side = 2 * half + 1;
    Plane sharp = Plane.of(side, side, (x, y) -> Math.hypot(x - half, y - half) <= radius ? 1 : 0);
    double pixels = sharp.mean() * side * side;
    double[] weights = Plane.gaussian(deviation, radius <= SMALL_DISC ? 1 : 2);
    Plane smoothing =
        Plane.of(weights.length, weights.length, (x, y) -> weights[x] * weights[y] / pixels);
    return sharp.filtered(smoothing);
  }

  /** Blur, pixels exchanged with neighbours, and blur again. */
  static Colors glass(Colors colors, int severity, SplitMix64 random) {
    double[] how = GLASS[severity - 1];
    double scale = Corruption.scale(colors);
    double sigma = how[0] * scale;
    int most = (int) Math.max(1, Math.rint(how[1] * scale));
    Colors blurred = colors.map(plane -> plane.blurred(sigma)); // ours, so that it may be changed
    int width = colors.width();
    for (int round = 0; round < how[2]; round++) {
      for (int y = colors.height() - most - 1; y >= most; y--) {
        for (int x = width - most - 1; x >= most; x--) {
          int other = (y + random.inclusive(-most, most)) * width;
          exchange(blurred, y * width + x, other + x + random.inclusive(-most, most));
        }
      }
    }
    return blurred.map(plane -> plane.blurred(sigma));
  }

  private static void exchange(Colors colors, int a, int b) {
    for (Plane plane : colors.planes()) {
      double kept = plane.values()[a];
      plane.values()[a] = plane.values()[b];
      plane.values()[b] = kept;
    }
  }

  static Colors motion(Colors colors, int severity, SplitMix64 random) {
    double[] how = MOTION[severity - 1];
    double scale = Corruption.scale(colors);
    int radius = (int) Math.max(1, Math.rint(how[0] * scale));
    double angle = random.between(-MOST_ANGLE, MOST_ANGLE);
    return colors.map(plane -> plane.movedAlong(radius, how[1] * scale, angle));
  }

  /** The mean of the image and of some enlargements. */
  static Colors zoom(Colors colors, int severity, SplitMix64 random) {
    int count = (int) ZOOM[severity - 1][0];
    double step = ZOOM[severity - 1][1];
    return colors.map(
        plane -> {
          double[] sum = plane.values().clone();
          for (int i = 0; i < count; i++) {
            double[] zoomed = plane.zoomed(1 + i * step).values();
            for (int p = 0; p < sum.length; p++) {
              sum[p] += zoomed[p];
            }
          }
          return new Plane(plane.width(), plane.height(), sum).map(value -> value / (count + 1));
        });
  }
}
