package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.InputException;
import tools.jackson.databind.json.JsonMapper;

class TimestepGridTest {
  private static final SchedulerConfig SD = SchedulerConfig.stableDiffusion();

  /** diffusers@58eb52c0 tests/schedulers/test_scheduler_dpm_multi.py's configuration. */
  private static SchedulerConfig linear(String more) {
    return SchedulerConfig.fromJson(
        JsonMapper.builder()
            .build()
            .readTree(
                "{\"_class_name\":\"DPMSolverMultistepScheduler\","
                    + "\"final_sigmas_type\":\"sigma_min\""
                    + more
                    + "}"),
        "test");
  }

  @Test
  void ddimLeadsFromTheFirstTimestep() {
    assertThat(TimestepGrid.inclusive(SD, 5)).containsExactly(801, 601, 401, 201, 1);
    assertThat(TimestepGrid.inclusive(SD, 20)).startsWith(951, 901).endsWith(51, 1).hasSize(20);
  }

  @Test
  void linspaceRoundsHalfToEven() {
    assertThat(TimestepGrid.exclusive(linear(""), 10))
        .containsExactly(999, 899, 799, 699, 599, 500, 400, 300, 200, 100);
    assertThat(TimestepGrid.exclusive(SD.withSpacing(Spacing.LINSPACE), 20))
        .startsWith(999, 949, 899)
        .contains(549, 500, 450)
        .endsWith(50);
    assertThat(TimestepGrid.inclusive(SD.withSpacing(Spacing.LINSPACE), 2)).containsExactly(999, 0);
  }

  @Test
  void multistepLeadingSkipsTheFirstTimestep() {
    assertThat(TimestepGrid.exclusive(SD, 20)).startsWith(941, 894).endsWith(95, 48).hasSize(20);
  }

  @Test
  void trailingBeginsAtTheLastTimestep() {
    assertThat(TimestepGrid.inclusive(SD.withSpacing(Spacing.TRAILING), 4))
        .containsExactly(999, 749, 499, 249);
    assertThat(TimestepGrid.exclusive(SD.withSpacing(Spacing.TRAILING), 3))
        .containsExactly(999, 666, 332);
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "1001", "1000"})
  void stepsWithoutRoomAreRefusedInOneLine(int steps) {
    assertThatThrownBy(() -> new DdimScheduler(SD, steps))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(steps + " sampling steps")
        .hasMessageNotContaining("\n");
  }

  @Test
  void multistepSigmasFollowTheTimesteps() {
    double[] expected = {
      157.40726,
      60.271412,
      25.528482,
      11.93952,
      6.1352091,
      3.4429669,
      2.0410872,
      1.2401613,
      0.72359121,
      0.34226012,
      0.01000133
    };
    double[] sigmas = new DpmSolverMultistepScheduler(linear(""), 10).sigmas();
    assertThat(sigmas).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(sigmas[i]).isCloseTo(expected[i], within(2e-6 * Math.max(1, expected[i])));
    }
  }

  @Test
  void karrasSigmasSpanTheTrainingLevels() {
    DpmSolverMultistepScheduler scheduler =
        new DpmSolverMultistepScheduler(
            SchedulerConfig.fromJson(SD.toJson().put("use_karras_sigmas", true), "test"), 20);
    double[] sigmas = scheduler.sigmas();
    double[] start = {14.61465, 11.72537, 9.34021};
    for (int i = 0; i < start.length; i++) {
      assertThat(sigmas[i]).isCloseTo(start[i], within(1e-5));
    }
    assertThat(sigmas[18]).isCloseTo(0.04848, within(1e-5));
    assertThat(sigmas[19]).isCloseTo(0.02917, within(1e-5));
    assertThat(sigmas[20]).isZero();
    assertThat(scheduler.timesteps()).startsWith(999, 962, 921, 876).endsWith(0);
  }

  @Test
  void luSigmasAreEvenlySpacedInTheirLogarithm() {
    double[] sigmas =
        new DpmSolverMultistepScheduler(linear(",\"use_lu_lambdas\":true"), 10).sigmas();
    double ratio = sigmas[0] / sigmas[1];
    for (int i = 1; i < 9; i++) {
      assertThat(sigmas[i] / sigmas[i + 1]).isCloseTo(ratio, within(1e-5 * ratio));
    }
  }

  @Test
  void aScheduleWithZeroTerminalSnrHasFiniteSigmas() {
    SchedulerConfig config =
        SchedulerConfig.fromJson(
            SD.withPrediction(Prediction.V_PREDICTION)
                .withSpacing(Spacing.TRAILING)
                .toJson()
                .put("rescale_betas_zero_snr", true),
            "test");
    assertThat(new DpmSolverMultistepScheduler(config, 10).sigmas()[0])
        .isCloseTo(4096, within(1.0));
  }
}
