package org.syntagen.labeling;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Gaussian filtering of values that lie at arbitrary positions of a space of a few dimensions, in
 * time linear in their number (Adams, Baek and Davis, Fast High-Dimensional Filtering Using the
 * Permutohedral Lattice, 2010): each value is spread over the corners of the simplex that its
 * position lies in, the corners are blurred along the lattice's directions, and values are gathered
 * from the corners again. It approximates out_i = Σ_j exp(−½‖f_i − f_j‖²) · in_j, j = i included.
 * Immutable after construction; {@link #filter} may run on several threads.
 */
final class PermutohedralLattice {
  private final int dimensions;
  private final int points;

  /** For each point the d + 1 corners of its simplex, and its barycentric coordinates in it. */
  private final int[] corners;

  private final float[] weights;

  /** For each direction and corner the two neighbours, counted from 1; 0 where there is none. */
  private final int[] before;

  private final int[] after;
  private final int size;

  /**
   * @param features point by point, in standard deviations of the filter
   * @param dimensions numbers a point
   */
  PermutohedralLattice(float[] features, int dimensions) {
    int d = dimensions;
    this.dimensions = d;
    this.points = features.length / d;
    corners = new int[points * (d + 1)];
    weights = new float[points * (d + 1)];
    Keys keys = new Keys(d, points);
    float[] scale = new float[d];
    float deviation = (float) Math.sqrt(2.0 / 3) * (d + 1);
    for (int i = 0; i < d; i++) {
      scale[i] = (float) (deviation / Math.sqrt((i + 1.0) * (i + 2)));
    }
    Simplex simplex = new Simplex(d);
    int[] key = new int[d];
    for (int p = 0; p < points; p++) {
      simplex.locate(features, p * d, scale);
      for (int corner = 0; corner <= d; corner++) {
        simplex.key(corner, key);
        corners[p * (d + 1) + corner] = keys.add(key);
        weights[p * (d + 1) + corner] = simplex.barycentric[corner];
      }
    }
    size = keys.size;
    before = new int[(d + 1) * size];
    after = new int[(d + 1) * size];
    int[] neighbour = new int[d];
    for (int direction = 0; direction <= d; direction++) {
      for (int vertex = 0; vertex < size; vertex++) {
        int at = direction * size + vertex;
        before[at] = keys.neighbour(vertex, direction, -1, neighbour) + 1;
        after[at] = keys.neighbour(vertex, direction, 1, neighbour) + 1;
      }
    }
  }

  /**
   * Filters several values at each point.
   *
   * @param in channel by channel, a value a point
   * @param out receives the result in the same order; may be {@code in}
   * @param channels of both
   */
  void filter(float[] in, float[] out, int channels) {
    IntStream.range(0, channels).parallel().forEach(c -> filterChannel(in, out, c * points));
  }

  private void filterChannel(float[] in, float[] out, int offset) {
    int d = dimensions;
    float[] values = new float[size + 1]; // 0 is nobody's
    for (int p = 0, at = 0; p < points; p++) {
      float value = in[offset + p];
      for (int corner = 0; corner <= d; corner++, at++) {
        values[corners[at] + 1] += weights[at] * value;
      }
    }
    float[] blurred = new float[size + 1];
    for (int direction = 0; direction <= d; direction++) {
      int first = direction * size;
      for (int vertex = 0; vertex < size; vertex++) {
        blurred[vertex + 1] =
            values[vertex + 1]
                + 0.5f * (values[before[first + vertex]] + values[after[first + vertex]]);
      }
      float[] swap = values;
      values = blurred;
      blurred = swap;
    }
    float alpha = 1 / (1 + (float) Math.pow(2, -d));
    for (int p = 0, at = 0; p < points; p++) {
      float sum = 0;
      for (int corner = 0; corner <= d; corner++, at++) {
        sum += weights[at] * values[corners[at] + 1];
      }
      out[offset + p] = alpha * sum;
    }
  }

  /** The simplex of the lattice that a point lies in (section 3.1 of the paper). */
  private static final class Simplex {
    private final int d;
    private final float[] elevated;
    private final int[] nearest;
    private final int[] rank;
    private final float[] barycentric;

    Simplex(int d) {
      this.d = d;
      elevated = new float[d + 1];
      nearest = new int[d + 1];
      rank = new int[d + 1];
      barycentric = new float[d + 2];
    }

    void locate(float[] features, int offset, float[] scale) {
      elevate(features, offset, scale);
      int sum = 0;
      for (int i = 0; i <= d; i++) {
        int rounded = Math.round(elevated[i] / (d + 1));
        nearest[i] = rounded * (d + 1);
        sum += rounded;
      }
      Arrays.fill(rank, 0);
      for (int i = 0; i < d; i++) {
        for (int j = i + 1; j <= d; j++) {
          if (elevated[i] - nearest[i] < elevated[j] - nearest[j]) {
            rank[i]++;
          } else {
            rank[j]++;
          }
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
    private void elevate(float[] features, int offset, float[] scale) {
      float sum = 0;
      for (int i = d; i > 0; i--) {
        float x = features[offset + i - 1] * scale[i - 1];
        elevated[i] = sum - i * x;
        sum += x;
      }
      elevated[0] = sum;
    }

    /** The corner of that remainder; its last coordinate follows from the others. */
    void key(int remainder, int[] key) {
      for (int i = 0; i < d; i++) {
        key[i] = nearest[i] + (rank[i] <= d - remainder ? remainder : remainder - (d + 1));
      }
    }
  }

  /** Lattice points by their first d coordinates, numbered as they come. */
  private static final class Keys {
    private final int d;
    private int[] keys;
    private int[] slots; // numbers from 1; 0 is free
    private int size;

    Keys(int d, int points) {
      this.d = d;
      int capacity = Integer.highestOneBit(Math.max(16, points)) * 2;
      slots = new int[2 * capacity];
      keys = new int[capacity * d];
    }

    int add(int[] key) {
      int slot = slot(key);
      if (slots[slot] > 0) {
        return slots[slot] - 1;
      }
      if ((size + 1) * d > keys.length) {
        grow();
        slot = slot(key);
      }
      System.arraycopy(key, 0, keys, size * d, d);
      slots[slot] = ++size;
      return size - 1;
    }

    /** The neighbour in a direction, −1 when no point has spread to it. */
    int neighbour(int vertex, int direction, int sign, int[] key) {
      for (int i = 0; i < d; i++) {
        key[i] = keys[vertex * d + i] + (i == direction ? -sign * d : sign);
      }
      return slots[slot(key)] - 1;
    }

    private void grow() {
      keys = Arrays.copyOf(keys, 2 * keys.length);
      slots = new int[2 * slots.length];
      int[] key = new int[d];
      for (int i = 0; i < size; i++) {
        System.arraycopy(keys, i * d, key, 0, d);
        slots[slot(key)] = i + 1;
      }
    }

    private int slot(int[] key) {
      int hash = 0;
      for (int x : key) {
        hash = (hash + x) * 0x9E3779B1;
      }
      int mask = slots.length - 1;
      int slot = (hash ^ hash >>> 15) & mask;
      while (slots[slot] > 0 && !same(slots[slot] - 1, key)) {
        slot = slot + 1 & mask;
      }
      return slot;
    }

    private boolean same(int vertex, int[] key) {
      for (int i = 0; i < d; i++) {
        if (keys[vertex * d + i] != key[i]) {
          return false;
        }
      }
      return true;
    }
  }
}
