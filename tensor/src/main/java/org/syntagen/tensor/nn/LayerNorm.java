package org.syntagen.tensor.nn;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;

/**
 * Normalises the last dimension, with PyTorch's default ε of 1e-5.
 *
 * @param weight [features]
 * @param bias [features]
 */
public record LayerNorm(Tensor weight, Tensor bias) {

  public static LayerNorm of(Weights weights, long features) {
    return new LayerNorm(
        weights.constant("weight", 1, features), weights.constant("bias", 0, features));
  }

  public Tensor forward(Tensor x) {
    return Ops.layerNorm(x, weight, bias, 1e-5);
  }
}
