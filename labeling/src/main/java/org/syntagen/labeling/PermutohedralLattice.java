package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.labeling.SparseMatrix.Operator;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * Gaussian filtering of values that lie at arbitrary positions of a space of a few dimensions, in
 * time linear in their number (Adams, Baek and Davis, Fast High-Dimensional Filtering Using the
 * Permutohedral Lattice, 2010): each value is spread over the corners of the simplex that its
 * position lies in, the corners are blurred along the lattice's directions, and values are gathered
 * from the corners again. It approximates out_i = Σ_j exp(−½‖f_i − f_j‖²) · in_j, j = i included.
 * Immutable.
 *
 * @param splat points to corners: [corners, points]
 * @param blurs to be applied one after the other: [corners, corners]
 * @param slice corners to points: [points, corners]
 */
record PermutohedralLattice(SparseMatrix splat, List<SparseMatrix> blurs, SparseMatrix slice) {
  private static final int POINTS_AT_ONCE = 1 << 12;

  /**
   * The lattice of some points.
   *
   * @param features point by point, in standard deviations of the filter
   * @param d numbers a point
   * @throws IllegalArgumentException if the points lie too many deviations apart
   */
  static PermutohedralLattice of(float[] features, int d) {
    int points = features.length / d;
    Simplex.Frame frame = Simplex.Frame.of(features, d);
    long[] keys = new long[points * (d + 1)];
    float[] weights = new float[points * (d + 1)];
    IntStream.range(0, (points + POINTS_AT_ONCE - 1) / POINTS_AT_ONCE)
        .parallel()
        .forEach(
            part -> {
              Simplex simplex = new Simplex(frame);
              int end = Math.min(points, (part + 1) * POINTS_AT_ONCE);
              for (int p = part * POINTS_AT_ONCE; p < end; p++) {
                simplex.locate(features, p * d);
                simplex.corners(keys, weights, p * (d + 1));
              }
            });
    LatticeKeys numbered = new LatticeKeys();
    int[] corners = new int[keys.length];
    for (int i = 0; i < keys.length; i++) {
      corners[i] = numbered.add(keys[i]);
    }
    return new PermutohedralLattice(
        splat(corners, weights, numbered.size(), d + 1),
        blurs(numbered, frame),
        slice(corners, weights, d + 1));
  }

  /** Copied into native memory of the open scope. */
  Filter filter() {
    return new Filter(
        splat.operator(), blurs.stream().map(SparseMatrix::operator).toList(), slice.operator());
  }

  /** A lattice in native memory, which belongs to the scope that it was made in. */
  record Filter(Operator splat, List<Operator> blurs, Operator slice) {
    /**
     * The filtered values.
     *
     * @param values [points, channels]
     * @return the same shape, owned by the open scope
     */
    Tensor of(Tensor values) {
      List<UnaryOperator<Tensor>> passes = new ArrayList<>();
      passes.add(splat::times);
      blurs.forEach(blur -> passes.add(blur::times));
      passes.add(slice::times);
      return Scope.chain(values, passes);
    }

    /**
     * The filter factor · n ∘ K(n ∘ x) with n = (K·1)^−½, which is normalised and still symmetric.
     */
    Filter normalised(double factor) {
      long points = slice.starts().numel() - 1;
      long each = slice.columns().numel() / points;
      Tensor sums = of(Tensors.full(1, points, 1));
      Tensor scale = Ops.plus(sums, 1e-20).rsqrt(); // n: [points, 1]
      Tensor before = scale.reshape(points).index_select(0, splat.columns());
      Tensor after = Ops.scale(scale, factor).expand(points, each).reshape(points * each);
      return new Filter(
          splat.with(splat.values().mul(before)), blurs, slice.with(slice.values().mul(after)));
    }
  }

  /** The transposed of {@link #slice}, but for its factor. */
  private static SparseMatrix splat(int[] corners, float[] weights, int size, int each) {
    int[] starts = new int[size + 1];
    for (int corner : corners) {
      starts[corner + 1]++;
    }
    for (int i = 0; i < size; i++) {
      starts[i + 1] += starts[i];
    }
    int[] next = starts.clone();
    int[] columns = new int[corners.length];
    float[] values = new float[corners.length];
    for (int i = 0; i < corners.length; i++) {
      int at = next[corners[i]]++;
      columns[at] = i / each;
      values[at] = weights[i];
    }
    return new SparseMatrix(starts, columns, values);
  }

  private static List<SparseMatrix> blurs(LatticeKeys corners, Simplex.Frame frame) {
    return IntStream.rangeClosed(0, frame.d())
        .parallel()
        .mapToObj(direction -> blur(corners, frame.step(direction)))
        .toList();
  }

  /** Half of both neighbours is added to each corner. */
  private static SparseMatrix blur(LatticeKeys corners, long step) {
    int size = corners.size();
    int[] before = new int[size];
    int[] after = new int[size];
    Arrays.fill(before, -1);
    int elements = size;
    for (int corner = 0; corner < size; corner++) {
      after[corner] = corners.find(corners.key(corner) + step);
      if (after[corner] >= 0) {
        before[after[corner]] = corner;
        elements += 2;
      }
    }
    int[] starts = new int[size + 1];
    int[] columns = new int[elements];
    float[] values = new float[elements];
    Arrays.fill(values, 0.5f);
    int at = 0;
    for (int corner = 0; corner < size; corner++) {
      values[at] = 1;
      columns[at++] = corner;
      if (before[corner] >= 0) {
        columns[at++] = before[corner];
      }
      if (after[corner] >= 0) {
        columns[at++] = after[corner];
      }
      starts[corner + 1] = at;
    }
    return new SparseMatrix(starts, columns, values);
  }

  private static SparseMatrix slice(int[] corners, float[] weights, int each) {
    int[] starts = new int[corners.length / each + 1];
    for (int p = 0; p < starts.length; p++) {
      starts[p] = p * each;
    }
    float alpha = 1 / (1 + (float) Math.pow(2, 1 - each));
    float[] values = new float[weights.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = alpha * weights[i];
    }
    return new SparseMatrix(starts, corners, values);
  }
}
