package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.syntagen.diffusion.Corner;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;
import tools.jackson.databind.json.JsonMapper;

/**
 * Full sampling loops of diffusers' own tests, whose expected statistics full-loops.csv lists with
 * their source, and the timesteps that timesteps.csv lists. The "model" is x·t/(t+1); random
 * numbers are those of PyTorch's CPU generator seeded 0, drawn for the whole batch at once.
 */
class SchedulerParityTest {
  private static final int BATCH = 4;
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
      boolean noised,
      String state,
      String shape,
      String config,
      Double sum,
      Double mean,
      Double sumTolerance,
      Double replicatedSum,
      String elements) {
    Ramps ramps = new Ramps(Arrays.stream(shape.split("x")).mapToLong(Long::parseLong));
    float[] result =
        loop(kind, config(config), steps, first, noised, state.equals("scaled"), ramps);

    double total = 0;
    for (float x : result) {
      total += Math.abs(x);
    }
    if (sum != null) {
      assertThat(total).isCloseTo(sum, within(sumTolerance));
    }
    if (mean != null) {
      assertThat(total / result.length).isCloseTo(mean, within(MEAN_TOLERANCE));
    }
    if (replicatedSum != null) {
      assertThat(total).isCloseTo(replicatedSum, within(REPLICATED_TOLERANCE));
    }
    if (elements != null) {
      String[] expected = elements.split(" ");
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) result[i])
            .isCloseTo(Double.parseDouble(expected[i]), within(ELEMENT_TOLERANCE));
      }
    }
  }

  /**
   * @param scaled whether the scaled input of the model is the sample that the step continues from,
   *     as in diffusers' tests; its pipelines and ours continue from the unscaled one
   */
  private static float[] loop(
      SchedulerKind kind,
      SchedulerConfig config,
      int steps,
      int first,
      boolean noised,
      boolean scaled,
      Ramps ramps) {
    try (Scope scope = new Scope();
        SeededNoise random = new SeededNoise(0);
        Scheduler scheduler = kind.create(config, steps, () -> random.normal(ramps.shape))) {
      float[] timesteps = scheduler.timesteps();
      Tensor x = Ops.scale(ramps.sample(), scheduler.initNoiseSigma());
      if (noised) {
        x = scheduler.addNoise(x, ramps.noise(), first);
      }
      for (int i = first; i < timesteps.length; i++) {
        try (Scope step = new Scope()) {
          Tensor input = scheduler.scaleInput(x, i);
          Tensor output = Ops.scale(input, timesteps[i] / (timesteps[i] + 1.0));
          x = step.keep(scheduler.step(output, i, scaled ? input : x));
        }
      }
      return Tensors.floats(x);
    }
  }

  /** Expected lists may leave out timesteps at one place, marked by an ellipsis. */
  @ParameterizedTest(name = "{0}, {1} steps, {4}")
  @CsvFileSource(
      resources = "timesteps.csv",
      delimiter = '|',
      quoteCharacter = '\'',
      numLinesToSkip = 1)
  void theTimestepsAreThoseOfTheReference(
      SchedulerKind kind, int steps, int calls, String config, String expected) {
    try (Scheduler scheduler = kind.create(config(config), steps, NO_NOISE)) {
      float[] timesteps = scheduler.timesteps();
      assertThat(timesteps).hasSize(calls);
      String[] parts = expected.split(" ?… ?", -1);
      float[] start = Corner.numbers(parts[0]);
      assertThat(Arrays.copyOf(timesteps, start.length)).containsExactly(start, within(1e-4f));
      if (parts.length == 1) {
        assertThat(start).hasSize(calls);
      } else if (!parts[1].isEmpty()) {
        float[] end = Corner.numbers(parts[1]);
        assertThat(Arrays.copyOfRange(timesteps, calls - end.length, calls))
            .containsExactly(end, within(1e-4f));
      }
    }
  }

  /** For runs that must not draw. */
  static final Supplier<Tensor> NO_NOISE =
      () -> {
        throw new AssertionError("a deterministic scheduler drew noise");
      };

  private static SchedulerConfig config(String json) {
    return SchedulerConfig.fromJson(JsonMapper.builder().build().readTree(json), "table");
  }

  /** Ramps of a shape whose fastest index is the batch's. */
  private static final class Ramps {
    private final long[] shape;
    private final int elements;

    Ramps(LongStream shape) {
      this.shape = shape.toArray();
      elements = (int) Arrays.stream(this.shape).reduce(1, (a, b) -> a * b);
    }

    Tensor sample() {
      float[] values = new float[elements];
      for (int i = 0; i < elements; i++) {
        values[i] = (float) ramp(i) / elements;
      }
      return Tensors.of(values, shape);
    }

    Tensor noise() {
      float[] values = new float[elements];
      for (int i = 0; i < elements; i++) {
        values[i] = (float) (elements - 1 - ramp(i)) / elements;
      }
      return Tensors.of(values, shape);
    }

    private int ramp(int index) {
      int item = elements / BATCH;
      return index % item * BATCH + index / item;
    }
  }
}
