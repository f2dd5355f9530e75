package org.syntagen.tensor.optim;

import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
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

  private final Map<String, Tensor> parameters;
  private final ToDoubleFunction<String> rateFactor;
  private final StateDict state;
  private final double weightDecay;

  /**
   * @param parameters tensors by name, owned by the model; those without a gradient are left alone
   * @param rateFactor multiple of the learning rate that a parameter of that name moves at
   * @param state moments of an earlier run, or an empty dictionary
   */
  public AdamW(
      Map<String, Tensor> parameters,
      ToDoubleFunction<String> rateFactor,
      StateDict state,
      double weightDecay) {
    this.parameters = parameters;
    this.rateFactor = rateFactor;
    this.state = state;
    this.weightDecay = weightDecay;
    parameters.forEach(
        (name, parameter) -> {
          Moments.prepare(state, "m." + name, parameter);
          Moments.prepare(state, "v." + name, parameter);
        });
  }

  /** All tensors of a dictionary, at one learning rate. */
  public AdamW(StateDict parameters, StateDict state, double weightDecay) {
    this(parameters.toMap(), name -> 1, state, weightDecay);
  }

  public StateDict state() {
    return state;
  }

  /**
   * Updates the parameters from their gradients and frees these.
   *
   * @param step number of this step, from 1
   * @param maxGradientNorm gradients are scaled down to this global norm
   */
  public void step(long step, double learningRate, double maxGradientNorm) {
    double correction1 = 1 - Math.pow(BETA1, step);
    double correction2 = 1 - Math.pow(BETA2, step);
    Slices.move(
        parameters,
        maxGradientNorm,
        (name, p, g, slice) ->
            update(
                p,
                g,
                slice.apply(state.get("m." + name)),
                slice.apply(state.get("v." + name)),
                learningRate * rateFactor.applyAsDouble(name),
                correction1,
                correction2));
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
  }
}
