package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers that torch's CPU generator draws after manual_seed. */
class SeededNoiseTest {
  private static final float TOLERANCE = 2e-6f; // the expected values have six decimals

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0.4962566 0.7682218 0.0884774",
      })
  void uniformNumbersAreThoseOfRand(long seed, String expected) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(seed)) {
      assertClose(Tensors.floats(noise.uniform(0, 1, 3)), expected);
    }
  }

  /**
   * Fewer than 16 numbers take the generator's scalar path, and a count that 16 does not divide
   * redraws the last 16.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0  |  4 | 1.540996 -0.293429 -2.178789 0.568431",
        "42 |  4 | 0.336690 0.128809 0.234462 0.230333",
        "0  | 16 | -1.12584 -1.15236 -0.250579 -0.433879 0.84871 0.692009 -0.316013 -2.115219",
        "42 | 16 | 1.926915 1.487284 0.900717 -2.105521",
        "0  | 17 | -1.12584 -1.695931 0.566651 0.793508 0.598839 -1.555095 -0.34136 1.853006"
            + " 0.468096 -0.585498 -0.173397 0.183478 1.389366 1.586334 0.946298 -0.843677"
            + " 0.931827",
      })
  void normalNumbersAreThoseOfRandn(long seed, int count, String expected) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(seed)) {
      assertClose(Tensors.floats(noise.normal(count)), expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0,  13111.5336, -1.12584, -1.15236, -0.25058, -0.43388,  0.09078, -1.36647, -1.07821",
    "42, 13158.0692,  1.92692,  1.48728,  0.90072, -2.10552, -0.63575,  0.97281, -0.29341"
  })
  void initialLatentsAreThoseOfStableDiffusion(
      long seed,
      double absoluteSum,
      float first,
      float second,
      float third,
      float fourth,
      float thirdLast,
      float secondLast,
      float last) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(seed)) {
      float[] latents = Tensors.floats(noise.normal(1, 4, 64, 64));
      double sum = 0;
      for (float x : latents) {
        sum += Math.abs(x);
      }
      assertThat(sum).isCloseTo(absoluteSum, within(1e-2));
      float[] expected = {first, second, third, fourth, thirdLast, secondLast, last};
      int n = latents.length;
      float[] found = {
        latents[0],
        latents[1],
        latents[2],
        latents[3],
        latents[n - 3],
        latents[n - 2],
        latents[n - 1]
      };
      assertThat(found).containsExactly(expected, within(1e-5f));
    }
  }

  @Test
  void drawsAdvanceTheStream() {
    try (Scope scope = new Scope();
        SeededNoise whole = new SeededNoise(5);
        SeededNoise parts = new SeededNoise(5)) {
      float[] expected = Tensors.floats(whole.normal(32));
      assertThat(Tensors.floats(parts.normal(16))).containsExactly(Arrays.copyOf(expected, 16));
      assertThat(Tensors.floats(parts.normal(16)))
          .containsExactly(Arrays.copyOfRange(expected, 16, 32));
    }
  }

  @Test
  void integersAreBoundedAndRepeatable() {
    try (Scope scope = new Scope();
        SeededNoise one = new SeededNoise(9);
        SeededNoise other = new SeededNoise(9)) {
      long[] drawn = Tensors.longs(one.integers(10, 1000));
      assertThat(Tensors.longs(other.integers(10, 1000))).containsExactly(drawn);
      assertThat(Arrays.stream(drawn).distinct().sorted().toArray())
          .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
  }

  private static void assertClose(float[] found, String expected) {
    String[] values = expected.trim().split(" ");
    for (int i = 0; i < values.length; i++) {
      assertThat(found[i]).isCloseTo(Float.parseFloat(values[i]), within(TOLERANCE));
    }
  }
}
