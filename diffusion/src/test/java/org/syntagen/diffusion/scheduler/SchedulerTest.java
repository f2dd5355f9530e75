package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;

class SchedulerTest {
  private static final SchedulerConfig SD = SchedulerConfig.stableDiffusion();

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void anItemOfABatchEqualsTheItemAloneBitForBit(SchedulerKind kind) {
    for (long[] shape : List.of(new long[] {3, 4, 33, 31}, new long[] {3, 1, 1, 1})) {
      try (Scope scope = new Scope();
          SeededNoise random = new SeededNoise(7)) {
        Tensor batch = random.normal(shape);
        float[] together = run(kind, batch);
        int item = together.length / 3;
        for (int i = 0; i < 3; i++) {
          float[] alone = run(kind, batch.narrow(0, i, 1).clone());
          float[] expected = java.util.Arrays.copyOfRange(together, i * item, (i + 1) * item);
          assertThat(alone).containsExactly(expected);
        }
      }
    }
  }

  private static float[] run(SchedulerKind kind, Tensor start) {
    try (Scope scope = new Scope();
        Scheduler scheduler = kind.create(SD.withPrediction(Prediction.V_PREDICTION), 7)) {
      Tensor x = start;
      for (int i = 0; i < 7; i++) {
        x = scheduler.step(Ops.scale(x, 0.3), i, x);
      }
      return Ops.floats(x);
    }
  }

  @ParameterizedTest
  @EnumSource(SchedulerKind.class)
  void aModelThatKnowsTheImageIsFollowedToIt(SchedulerKind kind) {
    SchedulerConfig config =
        SchedulerConfig.fromJson(
            SD.withPrediction(Prediction.SAMPLE).toJson().put("set_alpha_to_one", true), "test");
    try (Scope scope = new Scope();
        SeededNoise random = new SeededNoise(3);
        Scheduler scheduler = kind.create(config, 8)) {
      Tensor image = random.normal(2, 3, 4, 4);
      Tensor x = random.normal(2, 3, 4, 4);
      for (int i = 0; i < 8; i++) {
        try (Scope step = new Scope()) {
          x = step.keep(scheduler.step(image, i, x));
        }
      }
      float[] expected = Ops.floats(image);
      float[] found = Ops.floats(x);
      for (int i = 0; i < expected.length; i++) {
        assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
      }
    }
  }

  @Test
  void aMultistepRunMayBeginAnywhereButGoesInOrder() {
    try (Scope scope = new Scope();
        Scheduler scheduler = new DpmSolverMultistepScheduler(SD, 10)) {
      Tensor x = Ops.zeros(1, 2);
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
      Tensor x0 = Ops.of(new float[] {-8, 4, 2, -0.5f, 0.25f, -0.1f}, 2, 3, 1, 1);
      assertThat(Ops.floats(CleanSample.threshold(x0, config)))
          .containsExactly(-1f, 1f, 0.5f, -0.5f, 0.25f, -0.1f);
    }
  }

  @Test
  void everyKindNamesItsClass() {
    assertThat(SchedulerKind.DDIM.className()).isEqualTo("DDIMScheduler");
    assertThat(SchedulerKind.DPM_SOLVER_PP_2M.className()).isEqualTo("DPMSolverMultistepScheduler");
  }
}
