package org.syntagen.tensor.nn;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;

/**
 * Normalises groups of channels of [batch, channels, …] (Wu and He, 2018).
 *
 * @param weight [channels]
 * @param bias [channels]
 */
public record GroupNorm(Tensor weight, Tensor bias, long groups, double eps) {

  public static GroupNorm of(Weights weights, long groups, long channels, double eps) {
    return new GroupNorm(
        weights.constant("weight", 1, channels),
        weights.constant("bias", 0, channels),
        groups,
        eps);
  }

  public Tensor forward(Tensor x) {
    return Ops.groupNorm(x, groups, weight, bias, eps);
  }
}
