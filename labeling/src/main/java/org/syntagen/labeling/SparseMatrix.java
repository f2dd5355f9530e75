package org.syntagen.labeling;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Tensors;

/**
 * A matrix of few elements, row by row.
 *
 * @param starts where each row's elements begin, and where the last row's end
 * @param columns of the elements
 * @param values of the elements
 */
record SparseMatrix(int[] starts, int[] columns, float[] values) {
  /**
   * The same for dense operands.
   *
   * @return its native memory belongs to the open scope
   */
  Operator operator() {
    return new Operator(
        Tensors.of(starts, starts.length),
        Tensors.of(columns, columns.length),
        Tensors.of(values, values.length));
  }

  /**
   * A sparse matrix in native memory.
   *
   * @param starts [rows + 1], I32
   * @param columns [elements], I32
   * @param values [elements]
   */
  record Operator(Tensor starts, Tensor columns, Tensor values) {
    /**
     * @param dense [columns, n]
     * @return [rows, n], owned by the open scope
     */
    Tensor times(Tensor dense) {
      return Ops.sparseProduct(starts, columns, values, dense);
    }

    /** The same with another value for each element. */
    Operator with(Tensor otherValues) {
      return new Operator(starts, columns, otherValues);
    }
  }
}
