package org.syntagen.tensor.optim;

import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
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
    parameters.forEach(
        (name, parameter) -> {
          if (!state.contains(velocity(name))) {
            state.put(velocity(name), Scope.compute(() -> zerosLike(parameter)));
          }
        });
  }

  private static String velocity(String name) {
    return "momentum." + name;
  }

  /**
   * Zeros in the memory layout of {@code parameter}, so that the update runs over both in order.
   */
  private static Tensor zerosLike(Tensor parameter) {
    try (NoGrad noGrad = new NoGrad()) {
      return parameter.detach().clone().zero_();
    }
  }

  public StateDict state() {
    return state;
  }

  /**
   * Updates the parameters from their gradients and clears these.
   *
   * @param maxGradientNorm gradients are scaled down to this global norm
   * @return the global norm before clipping
   */
  public double step(double learningRate, double maxGradientNorm) {
    double norm = Gradients.clip(parameters, maxGradientNorm);
    try (NoGrad noGrad = new NoGrad()) {
      parameters.forEach(
          (name, parameter) ->
              move(name, parameter, learningRate * rateFactor.applyAsDouble(name)));
    }
    return norm;
  }

  private void move(String name, Tensor parameter, double rate) {
    try (Scope scope = new Scope()) {
      Tensor gradient = parameter.grad();
      if (!gradient.defined()) {
        return;
      }
      Tensor velocity = state.get(velocity(name));
      Ops.addInPlace(gradient, parameter, weightDecay);
      Ops.addInPlace(Ops.scaleInPlace(velocity, momentum), gradient, 1);
      Ops.addInPlace(parameter, velocity, -rate);
      gradient.zero_();
    }
  }
}
