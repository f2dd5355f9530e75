package org.syntagen.tensor.optim;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.StateDict;

/** The gradients of a set of parameters. */
final class Gradients {
  private Gradients() {}

  /** Scales all gradients so that their joint L2 norm is at most {@code max}; returns the norm. */
  static double clip(StateDict parameters, double max) {
    List<Tensor> gradients = new ArrayList<>();
    List<Tensor> squares = new ArrayList<>();
    for (String name : parameters.names()) {
      Tensor gradient = parameters.get(name).grad();
      if (gradient.defined()) {
        gradients.add(gradient);
        squares.add(gradient.square().sum());
      }
    }
    double norm = Math.sqrt(Ops.stack(squares).sum().item_double());
    if (norm > max) {
      for (Tensor gradient : gradients) {
        Ops.scaleInPlace(gradient, max / (norm + 1e-6));
      }
    }
    return norm;
  }
}
