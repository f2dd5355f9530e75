package org.syntagen.tensor.optim;

import java.util.Collection;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/** The gradients of a set of parameters. */
final class Gradients {
  private Gradients() {}

  /**
   * What gradients must be multiplied by so that their joint L2 norm is at most {@code max}; 1 if
   * it is. The norm is added up on the calling thread alone, because sums depend on a thread's
   * share of them.
   */
  static double clipping(Collection<Tensor> parameters, double max) {
    if (max == Double.POSITIVE_INFINITY) {
      return 1;
    }
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor[] gradients =
          parameters.stream().map(Tensor::grad).filter(Tensor::defined).toArray(Tensor[]::new);
      double norm = gradients.length == 0 ? 0 : Ops.norm(gradients);
      return norm > max ? max / (norm + 1e-6) : 1;
    }
  }
}
