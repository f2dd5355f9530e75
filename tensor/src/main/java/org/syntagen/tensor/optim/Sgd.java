package org.syntagen.tensor.optim;

import java.util.List;
import java.util.Map;
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
  /**
   * Parameters that share a learning rate.
   *
   * @param parameters tensors by name, owned by the model; those without a gradient are left alone
   * @param rateFactor multiple of the learning rate that they move at
   */
  public record Group(Map<String, Tensor> parameters, double rateFactor) {
    public Group {
      parameters = Map.copyOf(parameters);
    }
  }

  private final List<Group> groups;
  private final StateDict state;
  private final double momentum;
  private final double weightDecay;

  /**
   * @param state velocities of an earlier run, or an empty dictionary
   */
  public Sgd(List<Group> groups, StateDict state, double momentum, double weightDecay) {
    this.groups = List.copyOf(groups);
    this.state = state;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    for (Group group : this.groups) {
      group.parameters.forEach(
          (name, parameter) -> {
            if (!state.contains(velocity(name))) {
              state.put(velocity(name), Scope.compute(() -> zerosLike(parameter)));
            }
          });
    }
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

  /** Updates the parameters from their gradients and clears these. */
  public void step(double learningRate) {
    try (NoGrad noGrad = new NoGrad()) {
      for (Group group : groups) {
        group.parameters.forEach(
            (name, parameter) -> move(name, parameter, learningRate * group.rateFactor));
      }
    }
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
