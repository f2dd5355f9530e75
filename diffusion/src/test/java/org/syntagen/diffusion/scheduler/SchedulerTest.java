package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;
import static org.syntagen.diffusion.scheduler.Prediction.EPSILON;
import static org.syntagen.diffusion.scheduler.Prediction.SAMPLE;
import static org.syntagen.diffusion.scheduler.Prediction.V_PREDICTION;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class SchedulerTest {
  private static final SchedulerConfig SD = SchedulerConfig.stableDiffusion();

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void anItemOfABatchEqualsTheItemAloneBitForBit(SchedulerKind kind) {
    for (long[] shape : List.of(new long[] {4, 33, 31}, new long[] {1, 1, 1})) {
      try (Scope scope = new Scope()) {
        float[] together = run(kind, shape, 0, 1, 2);
        int item = together.length / 3;
        for (int i = 0; i < 3; i++) {
          float[] expected = Arrays.copyOfRange(together, i * item, (i + 1) * item);
          assertThat(run(kind, shape, i)).containsExactly(expected);
        }
      }
    }
  }

  /** A run whose items each have a stream of their own for the start and for every step. */
  private static float[] run(SchedulerKind kind, long[] itemShape, int... seeds) {
    List<SeededNoise> streams = Arrays.stream(seeds).mapToObj(SeededNoise::new).toList();
    long[] shape = {1, itemShape[0], itemShape[1], itemShape[2]};
    Supplier<Tensor> noise =
        () -> Ops.cat(streams.stream().map(stream -> stream.normal(shape)).toList(), 0);
    try (Scope scope = new Scope();
        Scheduler scheduler = kind.create(SD.withPrediction(V_PREDICTION).withEta(0.5), 7, noise)) {
      Tensor x = noise.get();
      for (int i = 0; i < scheduler.timesteps().length; i++) {
        x = scheduler.step(Ops.scale(scheduler.scaleInput(x, i), 0.3), i, x);
      }
      return Tensors.floats(x);
    } finally {
      streams.forEach(SeededNoise::close);
    }
  }

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void aModelThatKnowsTheImageIsFollowedToIt(SchedulerKind kind) {
    SchedulerConfig config =
        SchedulerConfig.fromJson(SD.toJson().put("set_alpha_to_one", true), "test");
    NoiseSchedule schedule = new NoiseSchedule(config);
    try (Scope scope = new Scope();
        SeededNoise random = new SeededNoise(3);
        Scheduler scheduler = kind.create(config, 8, () -> random.normal(2, 3, 4, 4))) {
      Tensor image = random.normal(2, 3, 4, 4);
      Tensor x = Ops.scale(random.normal(2, 3, 4, 4), scheduler.initNoiseSigma());
      float[] timesteps = scheduler.timesteps();
      for (int i = 0; i < timesteps.length; i++) {
        try (Scope step = new Scope()) {
          // ε = (x − √ᾱ·x0) / √(1−ᾱ) in terms of what the model sees.
          double alpha = schedule.alphaCumprod((long) timesteps[i]);
          Tensor input = scheduler.scaleInput(x, i);
          double noise = Math.sqrt(1 - alpha);
          Tensor epsilon = CleanSample.blend(1 / noise, input, -Math.sqrt(alpha) / noise, image);
          x = step.keep(scheduler.step(epsilon, i, x));
        }
      }
      assertThat(Tensors.floats(x)).containsExactly(Tensors.floats(image), within(1e-3f));
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EXCLUDE,
      names = {"PNDM", "EULER_ANCESTRAL"})
  void predictionsOfTheSameModelInOtherTermsGiveTheSameSample(SchedulerKind kind) {
    float[] expected = steps(kind, V_PREDICTION);
    assertThat(steps(kind, EPSILON)).containsExactly(expected, within(1e-3f));
    assertThat(steps(kind, SAMPLE)).containsExactly(expected, within(1e-3f));
  }

  /** The first steps with a model that predicts half of what it sees as v. */
  private static float[] steps(SchedulerKind kind, Prediction prediction) {
    SchedulerConfig config = SD.withPrediction(prediction);
    NoiseSchedule schedule = new NoiseSchedule(config);
    try (Scope scope = new Scope();
        SeededNoise random = new SeededNoise(3);
        Scheduler scheduler = kind.create(config, 8, () -> random.normal(1, 3, 4, 4))) {
      Tensor x = Ops.scale(random.normal(1, 3, 4, 4), scheduler.initNoiseSigma());
      float[] timesteps = scheduler.timesteps();
      for (int i = 0; i < 5; i++) {
        double signal = Math.sqrt(schedule.alphaCumprod((long) timesteps[i]));
        double noise = Math.sqrt(1 - signal * signal);
        Tensor input = scheduler.scaleInput(x, i);
        Tensor v = Ops.scale(input, 0.5);
        Tensor output =
            switch (prediction) {
              case V_PREDICTION -> v;
              case EPSILON -> CleanSample.noise(V_PREDICTION, v, input, signal, noise);
              case SAMPLE -> CleanSample.predict(V_PREDICTION, v, input, signal, noise);
            };
        x = scheduler.step(output, i, x);
      }
      return Tensors.floats(x);
    }
  }

  @Test
  void ddimWithFullEtaHasTheNoiseOfDdpm() {
    SchedulerConfig config = SD.withEta(1).withPrediction(V_PREDICTION);
    try (Scope scope = new Scope()) {
      Tensor x = Tensors.of(new float[] {1, -2}, 1, 2);
      Tensor v = Tensors.of(new float[] {0.5f, 1}, 1, 2);
      Supplier<Tensor> noise = () -> Tensors.of(new float[] {3, 4}, 1, 2);
      float[] ddim = Tensors.floats(SchedulerKind.DDIM.create(config, 10, noise).step(v, 4, x));
      float[] ddpm = Tensors.floats(SchedulerKind.DDPM.create(config, 10, noise).step(v, 4, x));
      assertThat(ddim).containsExactly(ddpm, within(1e-5f));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PNDM, prediction_type, \"sample\"",
    "PNDM, thresholding, true",
    "EULER, thresholding, true",
    "HEUN, thresholding, true",
    "LMS, thresholding, true",
    "EULER_ANCESTRAL, prediction_type, \"sample\"",
    "EULER_ANCESTRAL, use_karras_sigmas, true"
  })
  void whatASchedulerDoesNotHaveIsRefused(SchedulerKind kind, String key, String value) {
    JsonMapper mapper = JsonMapper.builder().build();
    ObjectNode json = SD.toJson();
    json.set(key, mapper.readTree(value));
    SchedulerConfig config = SchedulerConfig.fromJson(json, "test");
    assertThatThrownBy(() -> kind.create(config, 5, SchedulerParityTest.NO_NOISE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("scheduler has no " + key)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource({"HEUN, 1, true", "PNDM, 1, true", "PNDM, 1, false", "PNDM, 12, false"})
  void aRunCannotBeginWhereAStepNeedsAnEarlierOne(SchedulerKind kind, int step, boolean skip) {
    SchedulerConfig config =
        SchedulerConfig.fromJson(SD.toJson().put("skip_prk_steps", skip), "test");
    try (Scope scope = new Scope();
        Scheduler scheduler = kind.create(config, 10, SchedulerParityTest.NO_NOISE)) {
      Tensor x = Tensors.zeros(1, 2);
      assertThatThrownBy(() -> scheduler.step(x, step, x))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "a "
                  + (kind == SchedulerKind.HEUN ? "Heun" : "PNDM")
                  + " run cannot begin at step "
                  + step);
    }
  }

  @Test
  void rungeKuttaNeedsFourSteps() {
    SchedulerConfig config =
        SchedulerConfig.fromJson(SD.toJson().put("skip_prk_steps", false), "test");
    assertThatThrownBy(() -> new PndmScheduler(config, 3))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("needs at least 4 sampling steps, not 3");
  }

  @ParameterizedTest
  @EnumSource(names = {"PNDM", "HEUN", "LMS", "DPM_SOLVER_PP_2M", "DPM_SOLVER_PP_2S", "UNIPC"})
  void aMultistepRunMayBeginMidwayButGoesInOrder(SchedulerKind kind) {
    try (Scope scope = new Scope();
        Scheduler scheduler = kind.create(SD, 10, SchedulerParityTest.NO_NOISE)) {
      Tensor x = Tensors.zeros(1, 2);
      scheduler.step(x, 4, x);
      assertThatThrownBy(() -> scheduler.step(x, 4, x))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("steps must go in order");
      scheduler.step(x, 5, x);
    }
  }

  @Test
  void dynamicThresholdingUsesEachItemsOwnQuantile() {
    SchedulerConfig config =
        SchedulerConfig.fromJson(
            SD.toJson()
                .put("thresholding", true)
                .put("dynamic_thresholding_ratio", 0.5)
                .put("sample_max_value", 10),
            "test");
    try (Scope scope = new Scope()) {
      Tensor x0 = Tensors.of(new float[] {-8, 4, 2, -0.5f, 0.25f, -0.1f}, 2, 3, 1, 1);
      assertThat(Tensors.floats(CleanSample.threshold(x0, config)))
          .containsExactly(-1f, 1f, 0.5f, -0.5f, 0.25f, -0.1f);
    }
  }

  @Test
  void everyKindNamesItsClass() {
    assertThat(SchedulerKind.DDIM.className()).isEqualTo("DDIMScheduler");
    assertThat(SchedulerKind.DPM_SOLVER_PP_2M.className()).isEqualTo("DPMSolverMultistepScheduler");
    assertThat(SchedulerKind.values())
        .hasSize(11)
        .allSatisfy(kind -> assertThat(kind.className()).endsWith("Scheduler"));
  }
}
