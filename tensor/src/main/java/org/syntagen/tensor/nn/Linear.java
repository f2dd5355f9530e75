package org.syntagen.tensor.nn;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;

/**
 * Linear map of the last dimension.
 *
 * @param weight [out, in]
 * @param bias [out], or null
 */
public record Linear(Tensor weight, Tensor bias) {

  public static Linear of(Weights weights, long in, long out) {
    double bound = 1 / Math.sqrt(in);
    return new Linear(
        weights.uniform("weight", bound, out, in), weights.uniform("bias", bound, out));
  }

  public static Linear withoutBias(Weights weights, long in, long out) {
    return new Linear(weights.uniform("weight", 1 / Math.sqrt(in), out, in), null);
  }

  public Tensor forward(Tensor x) {
    return HalfWeights.apply(x, weight, bias, Ops::linear);
  }
}
