package org.syntagen.tensor.nn;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Device;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * Layers whose weights are kept in bfloat16, for half the memory, while features stay in 32 bits.
 * The product itself is taken in bfloat16 where the device is faster at that, else in 32 bits with
 * a copy of this layer's weights.
 */
final class HalfWeights {
  private HalfWeights() {}

  /** A linear function of x. */
  @FunctionalInterface
  interface Product {
    Tensor of(Tensor x, Tensor weight, Tensor bias);
  }

  /** The product in whatever the weight is kept in. */
  static Tensor apply(Tensor x, Tensor weight, Tensor bias, Product product) {
    if (Dtype.of(weight) != Dtype.BF16 || Dtype.of(x) == Dtype.BF16) {
      return product.of(x, weight, bias);
    }
    Dtype dtype = Device.current().multipliesBf16Fast() ? Dtype.BF16 : Dtype.F32;
    return Scope.compute(
        () ->
            Tensors.to(
                product.of(
                    Tensors.to(x, dtype),
                    Tensors.to(weight, dtype),
                    bias == null ? null : Tensors.to(bias, dtype)),
                Dtype.F32));
  }
}
