package org.syntagen.tensor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Processor;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

/** Weights in bfloat16 give what the same weights in 32 bits give. */
class HalfWeightsTest {
  /** Products in 32 bits are the same; in bfloat16 a sum of 54 terms is off by their rounding. */
  private static final float BOUND = Processor.multipliesBf16Fast() ? 0.1f : 0;

  @Test
  void linearMapsAndConvolutionsKeepTheirFeaturesIn32Bits() {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(2)) {
      Tensor kernel = Tensors.to(noise.normal(5, 6, 3, 3), Dtype.BF16);
      Tensor matrix = Tensors.to(noise.normal(5, 6), Dtype.BF16);
      Tensor bias = noise.normal(5);
      Tensor image = noise.normal(2, 6, 7, 9);
      Tensor rows = noise.normal(2, 4, 6);
      compare(
          new Conv2d(kernel, bias, 1, 1, 1, 1).forward(image),
          new Conv2d(Tensors.to(kernel, Dtype.F32), bias, 1, 1, 1, 1).forward(image));
      compare(
          new Linear(matrix, bias).forward(rows),
          new Linear(Tensors.to(matrix, Dtype.F32), bias).forward(rows));
      compare(
          new Linear(matrix, null).forward(rows),
          new Linear(Tensors.to(matrix, Dtype.F32), null).forward(rows));
    }
  }

  private static void compare(Tensor half, Tensor full) {
    assertThat(Dtype.of(half)).isEqualTo(Dtype.F32);
    assertThat(Tensors.floats(half)).containsExactly(Tensors.floats(full), within(BOUND));
  }
}
