package org.syntagen.tensor.optim;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019), equal to torch.optim.AdamW with β
 * 0.9 and 0.999 and ε 1e-8. Its moments are the tensors {@code m.NAME} and {@code v.NAME} of {@link
 * #state}, so that saving and restoring them resumes a run exactly.
 */
public final class AdamW {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPS = 1e-8;

  private final StateDict parameters;
  private final StateDict state;
  private final double weightDecay;

  /**
   * @param parameters the tensors to train; those without a gradient are left alone
   * @param state moments of an earlier run, or an empty dictionary
   */
  public AdamW(StateDict parameters, StateDict state, double weightDecay) {
    this.parameters = parameters;
    this.state = state;
    this.weightDecay = weightDecay;
    for (String name : parameters.names()) {
      for (String moment : List.of("m.", "v.")) {
        if (!state.contains(moment + name)) {
          state.put(moment + name, Scope.compute(() -> Ops.zeros(Ops.shape(parameters.get(name)))));
        }
      }
    }
  }

  public StateDict state() {
    return state;
  }

  /**
   * Updates the parameters from their gradients and clears these.
   *
   * @param step number of this step, from 1
   * @param maxGradientNorm gradients are scaled down to this global norm
   * @return the global norm before clipping
   */
  public double step(long step, double learningRate, double maxGradientNorm) {
    double norm = Gradients.clip(parameters, maxGradientNorm);
    double correction1 = 1 - Math.pow(BETA1, step);
    double correction2 = 1 - Math.pow(BETA2, step);
    Slices.forEach(
        parameters.names(),
        name -> {
          Tensor p = parameters.get(name);
          Tensor g = p.grad();
          if (!g.defined()) {
            return;
          }
          Slices slices = new Slices(p);
          for (long row = 0; row < slices.rows(); row = slices.after(row)) {
            try (Scope each = new Scope()) {
              update(
                  slices.at(row, p),
                  slices.at(row, g),
                  slices.at(row, state.get("m." + name)),
                  slices.at(row, state.get("v." + name)),
                  learningRate,
                  correction1,
                  correction2);
            }
          }
        });
    return norm;
  }

  private void update(
      Tensor p,
      Tensor g,
      Tensor m,
      Tensor v,
      double learningRate,
      double correction1,
      double correction2) {
    Ops.scaleInPlace(p, 1 - learningRate * weightDecay);
    Ops.lerpInPlace(m, g, 1 - BETA1);
    Ops.addProductInPlace(Ops.scaleInPlace(v, BETA2), g, g, 1 - BETA2);
    Tensor scale = Ops.plusInPlace(Ops.scaleInPlace(v.sqrt(), 1 / Math.sqrt(correction2)), EPS);
    Ops.addQuotientInPlace(p, m, scale, -learningRate / correction1);
    g.zero_();
  }
}
