package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import tools.jackson.databind.json.JsonMapper;

/**
 * Full sampling loops of diffusers' own tests, whose expected statistics full-loops.csv lists with
 * their source. The "model" is x·t/(t+1).
 */
class SchedulerParityTest {
  private static final int BATCH = 4;
  private static final int ELEMENTS = 768; // [4, 3, 8, 8]
  private static final double SUM_TOLERANCE = 1e-2; // as upstream
  private static final double MEAN_TOLERANCE = 1e-3; // as upstream
  private static final double REPLICATED_TOLERANCE = 5e-3;
  private static final double ELEMENT_TOLERANCE = 1e-5;

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(
      resources = "full-loops.csv",
      delimiter = '|',
      quoteCharacter = '\'',
      numLinesToSkip = 1)
  void aFullLoopEndsWhereTheReferenceEnds(
      String name,
      SchedulerKind kind,
      int steps,
      int first,
      String config,
      Double sum,
      Double mean,
      Double replicatedSum,
      String elements) {
    float[] result = loop(kind, config, steps, first);

    double total = 0;
    for (float x : result) {
      total += Math.abs(x);
    }
    if (sum != null) {
      assertThat(total).isCloseTo(sum, within(SUM_TOLERANCE));
    }
    if (mean != null) {
      assertThat(total / ELEMENTS).isCloseTo(mean, within(MEAN_TOLERANCE));
    }
    if (replicatedSum != null) {
      assertThat(total).isCloseTo(replicatedSum, within(REPLICATED_TOLERANCE));
    }
    if (elements != null) {
      String[] expected = elements.split(" ");
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) result[i + 1])
            .isCloseTo(Double.parseDouble(expected[i]), within(ELEMENT_TOLERANCE));
      }
    }
  }

  private static float[] loop(SchedulerKind kind, String json, int steps, int first) {
    SchedulerConfig config =
        SchedulerConfig.fromJson(JsonMapper.builder().build().readTree(json), "table");
    try (Scope scope = new Scope();
        Scheduler scheduler = kind.create(config, steps)) {
      float[] timesteps = scheduler.timesteps();
      Tensor x = Ops.scale(sample(), scheduler.initNoiseSigma());
      if (first > 0) {
        x = scheduler.addNoise(x, noise(), first);
      }
      for (int i = first; i < timesteps.length; i++) {
        try (Scope step = new Scope()) {
          Tensor input = scheduler.scaleInput(x, i);
          Tensor output = Ops.scale(input, timesteps[i] / (timesteps[i] + 1.0));
          x = step.keep(scheduler.step(output, i, x));
        }
      }
      return Ops.floats(x);
    }
  }

  /** A ramp whose fastest index is the batch's. */
  private static Tensor sample() {
    float[] values = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      values[i] = (float) ramp(i) / ELEMENTS;
    }
    return Ops.of(values, BATCH, 3, 8, 8);
  }

  private static Tensor noise() {
    float[] values = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      values[i] = (float) (ELEMENTS - 1 - ramp(i)) / ELEMENTS;
    }
    return Ops.of(values, BATCH, 3, 8, 8);
  }

  private static int ramp(int index) {
    int item = ELEMENTS / BATCH;
    return index % item * BATCH + index / item;
  }
}
