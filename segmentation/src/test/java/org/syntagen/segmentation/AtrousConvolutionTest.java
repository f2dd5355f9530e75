package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.nn.Conv2d;

class AtrousConvolutionTest {
  private static final double TOLERANCE = 1e-4;

  @ParameterizedTest(name = "{1}×{1} kernel, dilation {2}, {3}×{4} map, depthwise {0}")
  @CsvSource({
    "true, 5, 2, 8, 8",
    "true, 5, 2, 5, 17",
    "true, 5, 2, 1, 1",
    "true, 5, 2, 2, 1",
    "true, 3, 3, 7, 11",
    "true, 3, 4, 4, 3",
    "false, 3, 12, 8, 8",
    "false, 3, 12, 12, 12",
    "false, 3, 12, 13, 5",
    "false, 3, 12, 5, 17",
    "false, 3, 2, 1, 1",
    "false, 3, 1, 6, 4",
  })
  void valuesAndGradientsAreThoseOfThePlainConvolution(
      boolean depthwise, int kernel, int dilation, int height, int width) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(7)) {
      int channels = 6;
      Tensor weight = noise.normal(channels, depthwise ? 1 : channels, kernel, kernel);
      Conv2d conv =
          new Conv2d(
              weight.requires_grad_(true),
              noise.normal(channels).requires_grad_(true),
              1,
              (long) dilation * (kernel - 1) / 2,
              dilation,
              depthwise ? channels : 1);
      Tensor x = noise.normal(2, channels, height, width).requires_grad_(true);
      Tensor pull = noise.normal(2, channels, height, width);

      Tensor plain = conv.forward(x);
      plain.mul(pull).sum().backward();
      float[] plainX = take(x);
      float[] plainWeight = take(weight);
      float[] plainBias = take(conv.bias());
      Tensor fast = AtrousConvolution.forward(conv, x);
      fast.mul(pull).sum().backward();

      assertThat(Tensors.shape(fast)).isEqualTo(Tensors.shape(plain));
      assertClose(Tensors.floats(fast), Tensors.floats(plain));
      assertClose(take(x), plainX);
      assertClose(take(weight), plainWeight);
      assertClose(take(conv.bias()), plainBias);
    }
  }

  /** The gradient of a tensor, which is cleared. */
  private static float[] take(Tensor tensor) {
    float[] gradient = Tensors.floats(tensor.grad());
    tensor.grad().zero_();
    return gradient;
  }

  private static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.length; i++) {
      assertThat((double) found[i]).isCloseTo(expected[i], within(TOLERANCE));
    }
  }
}
