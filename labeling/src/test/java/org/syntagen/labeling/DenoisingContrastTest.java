package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.dataset.SampleSeed;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.scheduler.NoiseSchedule;
import org.syntagen.labeling.DenoisingContrast.Parameters;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

class DenoisingContrastTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final int DOG = VOC.label("dog");
  private static final int CAT = VOC.label("cat");
  private static final int SIDE = 16;

  private static Scores scores(StableDiffusion model, Parameters parameters, Prompt prompt) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(3);
        Attribution.Watch watch =
            new DenoisingContrast(parameters, VOC).watch(model, prompt, SIDE)) {
      assertThat(watch.probe()).isNull();
      return watch.scores(noise.normal(1, 4, SIDE, SIDE), SIDE, SIDE);
    }
  }

  /** Errors, their difference, blur and scaling, number by number. */
  @Test
  void scoresEqualASlowTwin() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "a dog and a cat", List.of(DOG, CAT), 9);
    Scores scores = scores(model, new Parameters(List.of(100L, 600L), 0.05, 0.001), prompt);
    double[][] gain = new double[2][SIDE * SIDE];
    NoiseSchedule schedule = new NoiseSchedule(model.schedulerConfig());
    try (Scope scope = new Scope();
        SeededNoise stream = new SeededNoise(3);
        SeededNoise renoise = new SeededNoise(SampleSeed.of(9, 0))) {
      Tensor latent = stream.normal(1, 4, SIDE, SIDE);
      for (long t : new long[] {100, 600}) {
        Tensor noise = renoise.normal(1, 4, SIDE, SIDE);
        double signal = Math.sqrt(schedule.alphaCumprod(t));
        double spread = Math.sqrt(1 - schedule.alphaCumprod(t));
        Tensor noisy = Ops.scale(latent, signal).add(Ops.scale(noise, spread));
        double[] without = error(model, noisy, noise, t, "");
        double[] dog = error(model, noisy, noise, t, "a photo of a dog");
        double[] cat = error(model, noisy, noise, t, "a photo of a cat");
        for (int p = 0; p < without.length; p++) {
          gain[0][p] += without[p] - dog[p];
          gain[1][p] += without[p] - cat[p];
        }
      }
    }
    double[] dog = blurred(gain[0], 0.05 * SIDE);
    double[] cat = blurred(gain[1], 0.05 * SIDE);
    for (int k = 0; k < 2; k++) {
      double[] own = k == 0 ? dog : cat;
      double[] rival = k == 0 ? cat : dog;
      double[] root = new double[own.length];
      for (int p = 0; p < root.length; p++) {
        // Two timesteps: the mean.
        root[p] = Math.sqrt(Math.max(0, (own[p] - Math.max(0, rival[p])) / 2));
      }
      double high = Math.max(0.001, Arrays.stream(root).max().orElseThrow());
      for (int p = 0; p < root.length; p++) {
        assertThat((double) scores.values()[k * SIDE * SIDE + p])
            .isCloseTo(root[p] / high, within(1e-4));
      }
    }
  }

  private static double[] error(
      StableDiffusion model, Tensor noisy, Tensor noise, long t, String text) {
    float[] predicted =
        Tensors.floats(
            model.unet().forward(noisy, Tensors.full(t, 1), model.embed(List.of(text)), null));
    float[] target = Tensors.floats(noise);
    double[] error = new double[SIDE * SIDE];
    for (int i = 0; i < target.length; i++) {
      error[i % error.length] += Math.pow((double) predicted[i] - target[i], 2);
    }
    return error;
  }

  /** Every pixel weighted by its distance, borders continued. */
  private static double[] blurred(double[] map, double deviation) {
    int reach = (int) Math.round(4 * deviation);
    double[] result = new double[map.length];
    for (int p = 0; p < map.length; p++) {
      double sum = 0;
      for (int dy = -reach; dy <= reach; dy++) {
        for (int dx = -reach; dx <= reach; dx++) {
          double weight = Math.exp(-(dx * dx + dy * dy) / (2 * deviation * deviation));
          int y = Math.max(0, Math.min(SIDE - 1, p / SIDE + dy));
          int x = Math.max(0, Math.min(SIDE - 1, p % SIDE + dx));
          result[p] += weight * map[y * SIDE + x];
          sum += weight;
        }
      }
      result[p] /= sum;
    }
    return result;
  }

  /** However small the gains are, the highest would score 1 if there were no least peak. */
  @Test
  void aClassThatGainsLittleStaysLow() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "x", List.of(DOG), 9);
    float[] high = scores(model, new Parameters(List.of(500L), 0.1, 1e-6), prompt).values();
    float[] low = scores(model, new Parameters(List.of(500L), 0.1, 1e9), prompt).values();
    assertThat(max(high)).isCloseTo(1, within(1e-4));
    assertThat(max(low)).isLessThan(0.1);
  }

  private static double max(float[] values) {
    double max = Double.NEGATIVE_INFINITY;
    for (float value : values) {
      max = Math.max(max, value);
    }
    return max;
  }

  @Test
  void withoutClassesThereAreNoScores() {
    Scores scores =
        scores(
            TinyModel.random(),
            new Parameters(List.of(1L), 0.1, 1),
            new Prompt(0, "x", List.of(), 9));
    assertThat(scores.labels()).isEmpty();
  }

  @Test
  void parametersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new Parameters(List.of(), 0.1, 1)).hasMessageContaining("timestep");
    assertThatThrownBy(() -> new Parameters(List.of(1L), 0, 1)).hasMessageContaining("smoothing");
    assertThatThrownBy(() -> new Parameters(List.of(1L), 0.1, 0)).hasMessageContaining("peak");
  }
}
