package org.syntagen.tensor.optim;

import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.StateDict;

/**
 * Stochastic gradient descent with momentum and L2 weight decay, equal to torch.optim.SGD without
 * dampening or Nesterov's variant. Its velocities are the tensors {@code momentum.NAME} of {@link
 * #state}, so that saving and restoring them resumes a run exactly.
 */
public final class Sgd {
  private final Map<String, Tensor> parameters;
  private final ToDoubleFunction<String> rateFactor;
  private final StateDict state;
  private final double momentum;
  private final double weightDecay;

  /**
   * @param parameters tensors by name, owned by the model; those without a gradient are left alone
   * @param rateFactor multiple of the learning rate that a parameter of that name moves at
   * @param state velocities of an earlier run, or an empty dictionary
   */
  public Sgd(
      Map<String, Tensor> parameters,
      ToDoubleFunction<String> rateFactor,
      StateDict state,
      double momentum,
      double weightDecay) {
    this.parameters = parameters;
    this.rateFactor = rateFactor;
    this.state = state;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    parameters.forEach((name, parameter) -> Moments.prepare(state, velocity(name), parameter));
  }

  private static String velocity(String name) {
    return "momentum." + name;
  }

  public StateDict state() {
    return state;
  }

  /**
   * Updates the parameters from their gradients and frees these.
   *
   * @param maxGradientNorm gradients are scaled down to this global norm
   */
  public void step(double learningRate, double maxGradientNorm) {
    Slices.move(
        parameters,
        maxGradientNorm,
        (name, p, g, slice) -> {
          Tensor velocity = slice.apply(state.get(velocity(name)));
          Ops.addInPlace(g, p, weightDecay);
          Ops.addInPlace(Ops.scaleInPlace(velocity, momentum), g, 1);
          Ops.addInPlace(p, velocity, -learningRate * rateFactor.applyAsDouble(name));
        });
  }
}
