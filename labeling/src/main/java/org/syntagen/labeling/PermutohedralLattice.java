package org.syntagen.labeling;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Gaussian filtering of values that lie at arbitrary positions of a space of a few dimensions, in
 * time linear in their number (Adams, Baek and Davis, Fast High-Dimensional Filtering Using the
 * Permutohedral Lattice, 2010): each value is spread over the corners of the simplex that its
 * position lies in, the corners are blurred along the lattice's directions, and values are gathered
 * from the corners again. It approximates out_i = Σ_j exp(−½‖f_i − f_j‖²) · in_j, j = i included.
 * Immutable after construction; {@link #addFiltered} may run on several threads.
 */
final class PermutohedralLattice {
  /** Channels are filtered in groups of this many. */
  static final int LANES = 4;

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
   * Adds factor · s ∘ K(s ∘ x) to several values at each point.
   *
   * @param in x, point by point, {@code channels} values each
   * @param scale s, one a point
   * @param out receives the sum in the order of {@code in}; another array
   * @param channels of both, a multiple of {@link #LANES}
   */
  void addFiltered(float[] in, float[] scale, float factor, float[] out, int channels) {
    if (channels % LANES != 0) {
      throw new IllegalArgumentException(channels + " channels are no multiple of " + LANES);
    }
    IntStream.range(0, channels / LANES)
        .parallel()
        .forEach(block -> addLanes(in, scale, factor, out, channels, block * LANES));
  }

  /** Four channels at once, side by side in memory: the corners are looked up once for all. */
  private void addLanes(
      float[] in, float[] scale, float factor, float[] out, int channels, int first) {
    float[] values = spread(in, scale, channels, first);
    float[] blurred = new float[values.length];
    for (int direction = 0; direction <= dimensions; direction++) {
      blur(values, blurred, direction * size);
      float[] swap = values;
      values = blurred;
      blurred = swap;
    }
    gather(values, scale, factor, out, channels, first);
  }

  /** The sums at the corners; the first is nobody's and stays 0. */
  private float[] spread(float[] in, float[] scale, int channels, int first) {
    float[] values = new float[(size + 1) * LANES];
    for (int p = 0, at = 0, from = first; p < points; p++, from += channels) {
      float by = scale[p];
      float a = in[from] * by;
      float b = in[from + 1] * by;
      float c = in[from + 2] * by;
      float d = in[from + 3] * by;
      for (int corner = 0; corner <= dimensions; corner++, at++) {
        int to = (corners[at] + 1) * LANES;
        float weight = weights[at];
        values[to] += weight * a;
        values[to + 1] += weight * b;
        values[to + 2] += weight * c;
        values[to + 3] += weight * d;
      }
    }
    return values;
  }

  private void blur(float[] values, float[] blurred, int first) {
    for (int vertex = 0; vertex < size; vertex++) {
      int to = (vertex + 1) * LANES;
      int left = before[first + vertex] * LANES;
      int right = after[first + vertex] * LANES;
      for (int lane = 0; lane < LANES; lane++) {
        blurred[to + lane] =
            values[to + lane] + 0.5f * (values[left + lane] + values[right + lane]);
      }
    }
  }

  private void gather(
      float[] values, float[] scale, float factor, float[] out, int channels, int first) {
    float alpha = factor / (1 + (float) Math.pow(2, -dimensions));
    for (int p = 0, at = 0, to = first; p < points; p++, to += channels) {
      float a = 0;
      float b = 0;
      float c = 0;
      float d = 0;
      for (int corner = 0; corner <= dimensions; corner++, at++) {
        int from = (corners[at] + 1) * LANES;
        float weight = weights[at];
        a += weight * values[from];
        b += weight * values[from + 1];
        c += weight * values[from + 2];
        d += weight * values[from + 3];
      }
      float by = alpha * scale[p];
      out[to] += by * a;
      out[to + 1] += by * b;
      out[to + 2] += by * c;
      out[to + 3] += by * d;
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
