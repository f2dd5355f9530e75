package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Tensors;

/** The nine numbers that diffusers' tests compare: {@code out[0, -1, -3:, -3:]}. */
public final class Corner {
  private Corner() {}

  public static float[] of(Tensor x) {
    long channels = x.size(1);
    return Tensors.floats(
        x.narrow(0, 0, 1)
            .narrow(1, channels - 1, 1)
            .narrow(2, x.size(2) - 3, 3)
            .narrow(3, x.size(3) - 3, 3));
  }

  /**
   * @param expected nine numbers with spaces between them
   */
  public static void assertClose(Tensor x, String expected, double tolerance) {
    assertThat(of(x)).containsExactly(numbers(expected), within((float) tolerance));
  }

  public static float[] numbers(String text) {
    double[] values =
        Arrays.stream(text.strip().split("\\s+")).mapToDouble(Double::parseDouble).toArray();
    float[] numbers = new float[values.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) values[i];
    }
    return numbers;
  }
}
