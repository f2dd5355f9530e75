package org.syntagen.tensor.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/** The gradients of a set of parameters. */
final class Gradients {
  private Gradients() {}

  /**
   * Scales all gradients so that their joint L2 norm is at most {@code max}; returns the norm. It
   * is added up on the calling thread alone, because sums depend on a thread's share of them.
   */
  static double clip(Map<String, Tensor> parameters, double max) {
    List<String> with = new ArrayList<>();
    double norm;
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      List<Tensor> gradients = new ArrayList<>();
      for (String name : parameters.keySet()) {
        Tensor gradient = parameters.get(name).grad();
        if (gradient.defined()) {
          with.add(name);
          gradients.add(gradient);
        }
      }
      norm = gradients.isEmpty() ? 0 : Ops.norm(gradients.toArray(Tensor[]::new));
    }
    if (norm > max) {
      Slices.forEach(
          with, name -> Ops.scaleInPlace(parameters.get(name).grad(), max / (norm + 1e-6)));
    }
    return norm;
  }
}
