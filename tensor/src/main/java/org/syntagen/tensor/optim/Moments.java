package org.syntagen.tensor.optim;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;

/** What an optimiser remembers of each parameter. */
final class Moments {
  private Moments() {}

  /**
   * Makes sure that {@code state} has a moment of a parameter: the one of an earlier run, else
   * zeros. It gets the parameter's memory layout, so that an update runs over both in order.
   */
  static void prepare(StateDict state, String name, Tensor parameter) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor zeros = parameter.detach().clone().zero_();
      if (state.contains(name)) {
        Tensor saved = state.get(name);
        saved.set_data(zeros.copy_(saved));
      } else {
        state.put(name, zeros);
      }
    }
  }
}
