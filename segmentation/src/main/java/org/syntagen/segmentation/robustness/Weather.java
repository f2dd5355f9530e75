package org.syntagen.segmentation.robustness;

import java.util.Arrays;
import java.util.List;
import org.syntagen.dataset.SplitMix64;

/** The third group of ImageNet-C: snow, frost, fog and bright light. */
final class Weather {
  /**
   * Noise of that mean and deviation, enlarged, of which what lies above the threshold falls along
   * lines of that radius and sigma; and the share of the image beside its paler self.
   */
  private record Snow(
      double mean,
      double deviation,
      double zoom,
      double threshold,
      double radius,
      double sigma,
      double share) {}

  private static final List<Snow> SNOW =
      List.of(
          new Snow(0.1, 0.3, 3, 0.5, 10, 4, 0.8),
          new Snow(0.2, 0.3, 2, 0.5, 12, 4, 0.7),
          new Snow(0.55, 0.3, 4, 0.9, 12, 8, 0.7),
          new Snow(0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
          new Snow(0.55, 0.3, 2.5, 0.85, 12, 12, 0.55));

  /** Factors of image and frost. */
  private static final double[][] FROST = {
    {1, 0.4}, {0.8, 0.6}, {0.7, 0.7}, {0.65, 0.7}, {0.6, 0.75}
  };

  /** Amount, and decay of the fog's detail. */
  private static final double[][] FOG = {{1.5, 2}, {2, 2}, {2.5, 1.7}, {2.5, 1.5}, {3, 1.4}};

  private static final double[] LIGHT = {0.1, 0.2, 0.3, 0.4, 0.5};

  private static final double[] LUMA = {0.299, 0.587, 0.114};
  private static final double FROST_DECAY = 1.6;

  /** Red, green and blue of the thinnest and of the thickest ice. */
  private static final double[][] ICE = {{0.25, 0.3, 0.38}, {0.92, 0.96, 1}};

  private Weather() {}

  /** Flakes in motion over a paler image. */
  static Colors snow(Colors colors, int severity, SplitMix64 random) {
    Snow snow = SNOW.get(severity - 1);
    double scale = Corruption.scale(colors);
    int width = colors.width();
    int height = colors.height();
    Plane flakes =
        Plane.of(width, height, (x, y) -> snow.mean + snow.deviation * Noise.normal(random))
            .zoomed(Math.max(1, snow.zoom * scale))
            .map(value -> value < snow.threshold ? 0 : Math.min(1, value))
            .movedAlong(
                (int) Math.max(1, Math.rint(snow.radius * scale)),
                snow.sigma * scale,
                random.between(-135, -45));
    Plane both =
        Plane.of(
            width, height, (x, y) -> flakes.at(x, y) + flakes.at(width - 1 - x, height - 1 - y));
    Plane pale = grey(colors).map(value -> value * 1.5 + 0.5);
    return colors
        .map(
            plane ->
                Plane.of(
                    width,
                    height,
                    (x, y) ->
                        snow.share * plane.at(x, y)
                            + (1 - snow.share) * Math.max(plane.at(x, y), pale.at(x, y))))
        .plus(both);
  }

  private static Plane grey(Colors colors) {
    return Plane.of(
        colors.width(),
        colors.height(),
        (x, y) -> {
          double sum = 0;
          for (int channel = 0; channel < Colors.CHANNELS; channel++) {
            sum += LUMA[channel] * colors.planes().get(channel).at(x, y);
          }
          return sum;
        });
  }

  /**
   * Ice over the image. The published textures are photographs; these crystals are the ridges of
   * two fractals.
   */
  static Colors frost(Colors colors, int severity, SplitMix64 random) {
    double[] how = FROST[severity - 1];
    Plane first = plasma(colors, FROST_DECAY, random);
    Plane second = plasma(colors, FROST_DECAY, random);
    Plane ice =
        Plane.of(
            colors.width(),
            colors.height(),
            (x, y) -> Math.max(ridge(first.at(x, y)), ridge(second.at(x, y))));
    return new Colors(
        List.of(
            frosted(colors, ice, 0, how),
            frosted(colors, ice, 1, how),
            frosted(colors, ice, 2, how)));
  }

  /** Highest where the fractal crosses its middle. */
  private static double ridge(double value) {
    return Math.pow(1 - Math.abs(2 * value - 1), 3);
  }

  private static Plane frosted(Colors colors, Plane ice, int channel, double[] how) {
    double thin = ICE[0][channel];
    double thick = ICE[1][channel];
    Plane plane = colors.planes().get(channel);
    return Plane.of(
        plane.width(),
        plane.height(),
        (x, y) -> how[0] * plane.at(x, y) + how[1] * (thin + (thick - thin) * ice.at(x, y)));
  }

  /** Clouds over the image, which keeps its highest value. */
  static Colors fog(Colors colors, int severity, SplitMix64 random) {
    double amount = FOG[severity - 1][0];
    Plane clouds = plasma(colors, FOG[severity - 1][1], random).map(value -> amount * value);
    double most =
        colors.planes().stream()
            .flatMapToDouble(plane -> Arrays.stream(plane.values()))
            .max()
            .orElseThrow();
    return colors.plus(clouds).map(plane -> plane.map(value -> value * most / (most + amount)));
  }

  /**
   * A fractal of values 0 to 1 by the diamond-square algorithm (Fournier, Fussell and Carpenter
   * 1982) on a torus, at least as large as the image.
   *
   * @param decay by which the roughness shrinks with each halving
   */
  private static Plane plasma(Colors colors, double decay, SplitMix64 random) {
    int longer = Math.max(colors.width(), colors.height());
    int side = Math.max(2, Integer.highestOneBit(2 * longer - 1)); // the next power of two
    double[] map = new double[side * side];
    double roughness = 100;
    for (int step = side; step >= 2; step /= 2) {
      int half = step / 2;
      double reach = roughness * roughness; // as published
      for (int y = 0; y < side; y += step) {
        for (int x = 0; x < side; x += step) {
          int right = (x + step) % side;
          int below = (y + step) % side * side;
          double sum =
              map[y * side + x] + map[y * side + right] + map[below + x] + map[below + right];
          map[(y + half) * side + x + half] = sum / 4 + random.between(-reach, reach);
        }
      }
      for (int y = 0; y < side; y += half) {
        for (int x = (y + half) % step; x < side; x += step) {
          double sum =
              map[y * side + (x + half) % side]
                  + map[y * side + (x + side - half) % side]
                  + map[(y + half) % side * side + x]
                  + map[(y + side - half) % side * side + x];
          map[y * side + x] = sum / 4 + random.between(-reach, reach);
        }
      }
      roughness /= decay;
    }
    double least = Arrays.stream(map).min().orElseThrow();
    double most = Arrays.stream(map).max().orElseThrow();
    return Plane.of(
        colors.width(), colors.height(), (x, y) -> (map[y * side + x] - least) / (most - least));
  }

  /** A higher value in hue, saturation and value: colours in proportion, black becoming grey. */
  static Colors brightness(Colors colors, int severity, SplitMix64 random) {
    double light = LIGHT[severity - 1];
    Plane value =
        Plane.of(
            colors.width(),
            colors.height(),
            (x, y) ->
                colors.planes().stream().mapToDouble(plane -> plane.at(x, y)).max().orElseThrow());
    return colors.map(
        plane ->
            Plane.of(
                plane.width(),
                plane.height(),
                (x, y) -> {
                  double brighter = Math.min(1, value.at(x, y) + light);
                  return value.at(x, y) == 0
                      ? brighter
                      : plane.at(x, y) * brighter / value.at(x, y);
                }));
  }
}
