package org.syntagen.segmentation.robustness;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * One channel of an image.
 *
 * @param values (height, width), usually 0 to 1; not changed by any method
 */
record Plane(int width, int height, double[] values) {
  /** Where Gaussian weights are cut off, in standard deviations. */
  private static final double TRUNCATE = 4;

  /** A value for every pixel, asked for row by row. */
  interface Source {
    double at(int x, int y);
  }

  static Plane of(int width, int height, Source source) {
    double[] values = new double[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        values[y * width + x] = source.at(x, y);
      }
    }
    return new Plane(width, height, values);
  }

  double at(int x, int y) {
    return values[y * width + x];
  }

  Plane map(DoubleUnaryOperator change) {
    return new Plane(width, height, Arrays.stream(values).map(change).toArray());
  }

  double mean() {
    return Arrays.stream(values).average().orElseThrow();
  }

  /** Linear interpolation between pixel centres; beyond the edges the image is mirrored. */
  double sample(double x, double y) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double right = x - left;
    double below = y - top;
    int x0 = mirror(left, width);
    int x1 = mirror(left + 1, width);
    int y0 = mirror(top, height);
    int y1 = mirror(top + 1, height);
    return (1 - below) * ((1 - right) * at(x0, y0) + right * at(x1, y0))
        + below * ((1 - right) * at(x0, y1) + right * at(x1, y1));
  }

  /** The position within 0 to size − 1 in a mirrored repetition: … 1 0 | 0 1 … . */
  static int mirror(int position, int size) {
    int within = Math.floorMod(position, 2 * size);
    return within < size ? within : 2 * size - 1 - within;
  }

  /** As {@link #mirror}, without repeating the edge itself: … 2 1 | 0 1 2 … . */
  private static int mirrorWithoutEdge(int position, int size) {
    if (size == 1) {
      return 0;
    }
    int within = Math.floorMod(position, 2 * size - 2);
    return within < size ? within : 2 * size - 2 - within;
  }

  private static int clamp(int position, int size) {
    return Math.max(0, Math.min(size - 1, position));
  }

  /**
   * The correlation with a kernel; beyond the edges the image is mirrored, the edge not repeated.
   *
   * @param kernel of odd sides; zeros cost nothing
   */
  Plane filtered(Plane kernel) {
    int left = kernel.width / 2;
    int top = kernel.height / 2;
    Plane wide =
        of(
            width + 2 * left,
            height + 2 * top,
            (x, y) -> at(mirrorWithoutEdge(x - left, width), mirrorWithoutEdge(y - top, height)));
    double[] sums = new double[values.length];
    for (int ky = 0; ky < kernel.height; ky++) {
      for (int kx = 0; kx < kernel.width; kx++) {
        double weight = kernel.at(kx, ky);
        for (int y = 0; weight != 0 && y < height; y++) {
          addScaled(sums, y * width, weight, wide.values, (y + ky) * wide.width + kx, width);
        }
      }
    }
    return new Plane(width, height, sums);
  }

  /** Adds a multiple of {@code count} values. */
  private static void addScaled(
      double[] to, int start, double factor, double[] from, int at, int count) {
    for (int i = 0; i < count; i++) {
      to[start + i] += factor * from[at + i];
    }
  }

  /** A Gaussian blur; beyond the edges the image is mirrored. */
  Plane blurred(double sigma) {
    double[] weights = gaussian(sigma, (int) (TRUNCATE * sigma + 0.5));
    double[] across = new double[values.length];
    for (int y = 0; y < height; y++) {
      blurLine(values, across, y * width, 1, width, weights);
    }
    double[] blurred = new double[values.length];
    for (int x = 0; x < width; x++) {
      blurLine(across, blurred, x, width, height, weights);
    }
    return new Plane(width, height, blurred);
  }

  /** One row or column of a blur. */
  private static void blurLine(
      double[] from, double[] to, int start, int step, int count, double[] weights) {
    int radius = weights.length / 2;
    double[] line = new double[count + 2 * radius];
    for (int i = 0; i < line.length; i++) {
      line[i] = from[start + step * mirror(i - radius, count)];
    }
    double[] sums = new double[count];
    for (int k = 0; k < weights.length; k++) {
      addScaled(sums, 0, weights[k], line, k, count);
    }
    for (int i = 0; i < count; i++) {
      to[start + i * step] = sums[i];
    }
  }

  /** Weights of a Gaussian at −radius to radius, which add up to 1. */
  static double[] gaussian(double sigma, int radius) {
    double[] weights = new double[2 * radius + 1];
    double sum = 0;
    for (int i = -radius; i <= radius; i++) {
      weights[i + radius] = Math.exp(-0.5 * i * i / (sigma * sigma));
      sum += weights[i + radius];
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }

  /**
   * A blur along a line on one side of each pixel, with the weights of half a Gaussian. Edges are
   * continued outwards.
   *
   * @param radius half the line's length in pixels
   * @param angle of the line in degrees
   */
  Plane movedAlong(int radius, double sigma, double angle) {
    double[] weights = gaussian(sigma, 2 * radius);
    double sum = 0;
    double total = 0;
    for (int i = 0; i <= 2 * radius; i++) {
      total += weights[2 * radius + i];
    }
    double[] moved = new double[values.length];
    for (int i = 0; i <= 2 * radius; i++) {
      int dx = -(int) Math.ceil(i * Math.cos(Math.toRadians(angle)) - 0.5);
      int dy = -(int) Math.ceil(i * Math.sin(Math.toRadians(angle)) - 0.5);
      if (Math.abs(dx) >= width || Math.abs(dy) >= height) {
        break;
      }
      double weight = weights[2 * radius + i] / total;
      sum += weight;
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          moved[y * width + x] += weight * at(clamp(x - dx, width), clamp(y - dy, height));
        }
      }
    }
    double all = sum; // less than 1 where the line is longer than the image
    return new Plane(width, height, moved).map(value -> value / all);
  }

  /** The middle of the plane, enlarged to its full size. */
  Plane zoomed(double factor) {
    int shownWidth = (int) Math.ceil(width / factor);
    int shownHeight = (int) Math.ceil(height / factor);
    int left = (width - shownWidth) / 2;
    int top = (height - shownHeight) / 2;
    double stepX = step(shownWidth, factor);
    double stepY = step(shownHeight, factor);
    return of(width, height, (x, y) -> sample(left + x * stepX, top + y * stepY));
  }

  /** Old pixels a new one, where the first and the last pixels lie on each other. */
  private static double step(int shown, double factor) {
    return (shown - 1) / Math.max(1, Math.rint(shown * factor) - 1);
  }
}
