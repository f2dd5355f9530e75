package org.syntagen.segmentation;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;

/** The functions that follow a normalised convolution. */
enum Activation {
  NONE(UnaryOperator.identity()),
  RELU(Ops::reluInPlace),
  /** x·min(max(x + 3, 0), 6) / 6 (Howard et al., 2019). */
  HARDSWISH(Ops::hardswish);

  private final UnaryOperator<Tensor> function;

  Activation(UnaryOperator<Tensor> function) {
    this.function = function;
  }

  /**
   * @param x may be overwritten: normalisation needs its output no more, and memory is what limits
   *     it
   */
  Tensor apply(Tensor x) {
    return function.apply(x);
  }
}
