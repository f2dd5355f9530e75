package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

/** Two images of different contrast, against the formulas in double precision. */
class GuidanceTest {
  private static final int IMAGES = 2;
  private static final int EACH = 4 * 2 * 3;

  private final float[] unconditional = noise(1, 1);
  private final float[] conditional = noise(2, 3);

  private static float[] noise(long seed, float contrast) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(seed)) {
      float[] values = Tensors.floats(noise.normal(IMAGES, 4, 2, 3));
      for (int i = EACH; i < values.length; i++) {
        values[i] *= contrast;
      }
      return values;
    }
  }

  private float[] apply(double scale, double rescale) {
    try (Scope scope = new Scope()) {
      return Tensors.floats(
          new Guidance(scale, rescale)
              .apply(
                  Tensors.of(unconditional, IMAGES, 4, 2, 3),
                  Tensors.of(conditional, IMAGES, 4, 2, 3)));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.25, 0.7, 1})
  void eachImageGetsTheContrastOfItsConditionalPrediction(double rescale) {
    double scale = 7.5;
    float[] found = apply(scale, rescale);
    for (int image = 0; image < IMAGES; image++) {
      double[] text = new double[EACH];
      double[] guided = new double[EACH];
      for (int i = 0; i < EACH; i++) {
        int at = image * EACH + i;
        text[i] = conditional[at];
        guided[i] = unconditional[at] + scale * (text[i] - unconditional[at]);
      }
      double ratio = std(text) / std(guided);
      for (int i = 0; i < EACH; i++) {
        double expected = rescale * guided[i] * ratio + (1 - rescale) * guided[i];
        assertThat((double) found[image * EACH + i]).isCloseTo(expected, within(2e-5));
      }
    }
  }

  @Test
  void withoutRescalingNoBitChanges() {
    try (Scope scope = new Scope()) {
      float[] found = apply(5, 0);
      float[] plain =
          Tensors.floats(
              Ops.add(
                  Tensors.of(unconditional, unconditional.length),
                  Tensors.of(conditional, conditional.length)
                      .sub(Tensors.of(unconditional, unconditional.length)),
                  5));
      assertThat(found).containsExactly(plain);
    }
  }

  private static double std(double[] values) {
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double sum = 0;
    for (double value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / (values.length - 1));
  }
}
