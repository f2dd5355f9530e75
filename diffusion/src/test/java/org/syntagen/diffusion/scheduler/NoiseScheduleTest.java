package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;
import tools.jackson.databind.node.JsonNodeFactory;

class NoiseScheduleTest {
  private static final NoiseSchedule SD = new NoiseSchedule(SchedulerConfig.stableDiffusion());

  @ParameterizedTest
  @CsvSource({"0, 0.99914998", "1, 0.99829602", "500, 0.27633247", "999, 0.00466010"})
  void stableDiffusionHasTheAlphasOfDiffusers(int timestep, double expected) {
    assertThat((double) SD.alphaCumprod(timestep)).isCloseTo(expected, within(1e-8));
    assertThat(SD.alphasCumprod()[timestep]).isEqualTo(SD.alphaCumprod(timestep));
    assertThat(SD.snr(timestep)).isCloseTo(expected / (1 - expected), within(1e-2));
  }

  @Test
  void stableDiffusionHasTheSigmasOfDiffusers() {
    assertThat(SD.sigma(0)).isCloseTo(0.02916753, within(1e-7));
    assertThat(SD.sigma(999)).isCloseTo(14.6146469, within(1e-5));
    assertThat(SD.size()).isEqualTo(1000);
  }

  /** test_variance of diffusers@58eb52c0 tests/schedulers/test_scheduler_{ddim,ddpm}.py. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "420, 400, 0.14771",
    "980, 960, 0.32460",
    "487, 486, 0.00979",
    "999, 998, 0.02"
  })
  void theLinearScheduleHasTheVariancesOfDiffusers(int t, int previous, double expected) {
    NoiseSchedule linear =
        new NoiseSchedule(
            SchedulerConfig.fromJson(JsonNodeFactory.instance.objectNode(), "class defaults"));
    double alpha = linear.alphaCumprod(t);
    double previousAlpha = linear.alphaCumprod(previous);
    assertThat(NoiseSchedule.posteriorVariance(alpha, previousAlpha))
        .isCloseTo(expected, within(1e-5));
  }

  @Test
  void eachItemIsNoisedToItsOwnTimestep() {
    try (Scope scope = new Scope()) {
      Tensor x0 = Tensors.of(new float[] {1, 2, 1, 2}, 2, 1, 1, 2);
      Tensor noise = Tensors.of(new float[] {3, -1, 3, -1}, 2, 1, 1, 2);
      float[] noised = Tensors.floats(SD.addNoise(x0, noise, new long[] {0, 999}));
      double[] alphas = {0.99914998, 0.0046601};
      for (int i = 0; i < 4; i++) {
        double alpha = alphas[i / 2];
        double expected =
            Math.sqrt(alpha) * (i % 2 + 1) + Math.sqrt(1 - alpha) * (i % 2 == 0 ? 3 : -1);
        assertThat((double) noised[i]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  @Test
  void velocityAndNoisedSampleTogetherGiveBackTheSample() {
    try (Scope scope = new Scope();
        SeededNoise random = new SeededNoise(1)) {
      long[] timesteps = {10, 500, 990};
      Tensor x0 = random.normal(3, 2, 4, 4);
      Tensor noise = random.normal(3, 2, 4, 4);
      Tensor noised = SD.addNoise(x0, noise, timesteps);
      Tensor velocity = SD.velocity(x0, noise, timesteps);
      float[] expectedX0 = Tensors.floats(x0);
      float[] expectedNoise = Tensors.floats(noise);
      for (int item = 0; item < 3; item++) {
        double signal = Math.sqrt(SD.alphaCumprod(timesteps[item]));
        double scale = Math.sqrt(1 - SD.alphaCumprod(timesteps[item]));
        Prediction v = Prediction.V_PREDICTION;
        float[] gotX0 =
            Tensors.floats(
                CleanSample.predict(
                    v, velocity.narrow(0, item, 1), noised.narrow(0, item, 1), signal, scale));
        float[] gotNoise =
            Tensors.floats(
                CleanSample.noise(
                    v, velocity.narrow(0, item, 1), noised.narrow(0, item, 1), signal, scale));
        for (int i = 0; i < 32; i++) {
          assertThat(gotX0[i]).isCloseTo(expectedX0[item * 32 + i], within(1e-5f));
          assertThat(gotNoise[i]).isCloseTo(expectedNoise[item * 32 + i], within(1e-5f));
        }
      }
    }
  }

  @Test
  void zeroTerminalSnrKeepsTheFirstLevelAndEndsInPureNoise() {
    NoiseSchedule rescaled =
        new NoiseSchedule(
            SchedulerConfig.fromJson(
                SchedulerConfig.stableDiffusion()
                    .withPrediction(Prediction.V_PREDICTION)
                    .toJson()
                    .put("rescale_betas_zero_snr", true),
                "test"));
    assertThat(rescaled.alphaCumprod(0)).isCloseTo(SD.alphaCumprod(0), within(1e-7f));
    assertThat(rescaled.alphaCumprod(999)).isZero();
    assertThat(rescaled.snr(999)).isZero();
  }

  @Test
  void wrongTimestepsAreRefused() {
    assertThatThrownBy(() -> SD.snr(1000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("timestep must be 0 to 999, not 1000");
    try (Scope scope = new Scope()) {
      Tensor x = Tensors.zeros(2, 3);
      assertThatThrownBy(() -> SD.addNoise(x, x, new long[] {1, 2, 3}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("3 timesteps for a batch of 2");
    }
  }
}
