package org.syntagen.labeling;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The simplex of the permutohedral lattice that a point lies in (Adams, Baek and Davis, 2010,
 * section 3.1). Holds the last point's; not thread-safe.
 */
final class Simplex {
  private final Frame frame;
  private final int d;
  private final float[] elevated;
  private final int[] nearest;
  private final int[] rank;
  private final float[] barycentric;
  private final int[] ranked; // coordinate by rank
  private final long[] steps;

  Simplex(Frame frame) {
    this.frame = frame;
    d = frame.d();
    ranked = new int[d + 1];
    steps = IntStream.rangeClosed(0, d).mapToLong(frame::step).toArray();
    elevated = new float[d + 1];
    nearest = new int[d + 1];
    rank = new int[d + 1];
    barycentric = new float[d + 2];
  }

  /**
   * How points come into the lattice's plane, and how its corners are told apart: a corner's key is
   * Σ (coordinate − low) · unit over its first d coordinates, from which the last follows.
   *
   * @param scale by which each of a point's d numbers is stretched
   * @param low less than any coordinate of a corner and of its neighbours, for each of the first d
   * @param unit for each of the first d
   */
  record Frame(float[] scale, int[] low, long[] unit) {
    static Frame of(float[] features, int d) {
      float[] scale = new float[d];
      float deviation = (float) Math.sqrt(2.0 / 3) * (d + 1);
      for (int i = 0; i < d; i++) {
        scale[i] = (float) (deviation / Math.sqrt((i + 1.0) * (i + 2)));
      }
      double[] least = new double[d];
      double[] most = new double[d];
      Arrays.fill(least, Double.POSITIVE_INFINITY);
      Arrays.fill(most, Double.NEGATIVE_INFINITY);
      for (int p = 0, at = 0; p < features.length; p += d) {
        for (int i = 0; i < d; i++, at++) {
          least[i] = Math.min(least[i], features[at]);
          most[i] = Math.max(most[i], features[at]);
        }
      }
      return between(least, most, scale);
    }

    /** For points between two corners of a box. */
    private static Frame between(double[] least, double[] most, float[] scale) {
      int d = scale.length;
      int margin = 4 * (d + 1); // a corner and its neighbours lie nearer to a point than that
      int[] low = new int[d];
      long[] unit = new long[d];
      double keys = 1;
      for (int i = 0; i < d; i++) {
        double from = i == 0 ? 0 : -i * most[i - 1] * scale[i - 1];
        double to = i == 0 ? 0 : -i * least[i - 1] * scale[i - 1];
        for (int j = i; j < d; j++) {
          from += least[j] * scale[j];
          to += most[j] * scale[j];
        }
        low[i] = (int) Math.floor(from) - margin;
        unit[i] = (long) keys;
        keys *= Math.ceil(to) + margin - low[i];
        if (!(keys < Long.MAX_VALUE)) {
          throw new IllegalArgumentException(
              "the points of a lattice lie too many deviations apart; widen the deviations");
        }
      }
      return new Frame(scale, low, unit);
    }

    int d() {
      return scale.length;
    }

    /** From a corner's key to that of its neighbour in a direction, 0 … d. */
    long step(int direction) {
      long step = 0;
      for (int i = 0; i < d(); i++) {
        step += (i == direction ? -d() : 1) * unit[i];
      }
      return step;
    }
  }

  /** Finds the simplex of the point whose numbers begin there. */
  void locate(float[] features, int offset) {
    elevate(features, offset);
    int sum = 0;
    for (int i = 0; i <= d; i++) {
      int rounded = Math.round(elevated[i] / (d + 1));
      nearest[i] = rounded * (d + 1);
      sum += rounded;
    }
    Arrays.fill(rank, 0);
    for (int i = 0; i < d; i++) {
      for (int j = i + 1; j <= d; j++) {
        int less = elevated[i] - nearest[i] < elevated[j] - nearest[j] ? 1 : 0;
        rank[i] += less;
        rank[j] += 1 - less;
      }
    }
    // A remainder-0 point has coordinates that add up to 0.
    for (int i = 0; i <= d; i++) {
      rank[i] += sum;
      if (rank[i] < 0) {
        rank[i] += d + 1;
        nearest[i] += d + 1;
      } else if (rank[i] > d) {
        rank[i] -= d + 1;
        nearest[i] -= d + 1;
      }
    }
    Arrays.fill(barycentric, 0);
    for (int i = 0; i <= d; i++) {
      float distance = (elevated[i] - nearest[i]) / (d + 1);
      barycentric[d - rank[i]] += distance;
      barycentric[d + 1 - rank[i]] -= distance;
    }
    barycentric[0] += 1 + barycentric[d + 1];
  }

  /** Into the plane of d + 1 coordinates that add up to 0. */
  private void elevate(float[] features, int offset) {
    float sum = 0;
    for (int i = d; i > 0; i--) {
      float x = features[offset + i - 1] * frame.scale[i - 1];
      elevated[i] = sum - i * x;
      sum += x;
    }
    elevated[0] = sum;
  }

  /** Writes the keys of the d + 1 corners and the point's barycentric coordinates. */
  void corners(long[] keys, float[] weights, int offset) {
    long key = 0;
    for (int i = 0; i < d; i++) {
      key += (nearest[i] - frame.low[i]) * frame.unit[i];
    }
    for (int i = 0; i <= d; i++) {
      ranked[rank[i]] = i;
    }
    for (int remainder = 0; remainder <= d; remainder++) {
      keys[offset + remainder] = key;
      weights[offset + remainder] = barycentric[remainder];
      key += steps[ranked[d - remainder]]; // corners are neighbours, one direction after the other
    }
  }
}
