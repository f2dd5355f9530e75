package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
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
  @CsvSource({"DDIM, 0", "DDIM, -1", "EULER, 1001", "UNIPC, 1000", "LCM, 51", "LCM, 0"})
  void stepsWithoutRoomAreRefusedInOneLine(SchedulerKind kind, int steps) {
    assertThatThrownBy(() -> kind.create(SD, steps, SchedulerParityTest.NO_NOISE))
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
  void sigmasBetweenTimestepsAreInterpolated() {
    double[] expected = {
      261.05557,
      81.405678,
      29.112116,
      11.912564,
      5.5358195,
      2.8648753,
      1.5868177,
      0.87408251,
      0.40016323,
      0.010001330,
      0
    };
    double[] sigmas =
        SigmaGrid.fractional(linear(",\"num_train_timesteps\":1100"), 10, FinalSigma.ZERO).sigmas();
    assertThat(sigmas).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(sigmas[i]).isCloseTo(expected[i], within(2e-6 * Math.max(1, expected[i])));
    }
  }

  /** The numbers of Stable Diffusion 1.5, 20 steps. */
  @Test
  void theStartIsScaledToTheFirstLevel() {
    Scheduler leading = SchedulerKind.EULER.create(SD, 20, SchedulerParityTest.NO_NOISE);
    assertThat(leading.initNoiseSigma()).isCloseTo(11.073581, within(1e-5));
    double[] sigmas = SigmaGrid.fractional(SD, 20, FinalSigma.ZERO).sigmas();
    assertThat(Arrays.copyOf(sigmas, 3))
        .containsExactly(new double[] {11.028336, 8.390687, 6.5064}, within(1e-4));
    assertThat(Arrays.copyOfRange(sigmas, 18, 21))
        .containsExactly(new double[] {0.2281473, 0.04131448, 0}, within(1e-6));
    SchedulerConfig linspace = SD.withSpacing(Spacing.LINSPACE);
    assertThat(
            SchedulerKind.EULER.create(linspace, 20, SchedulerParityTest.NO_NOISE).initNoiseSigma())
        .isCloseTo(14.614647, within(1e-5));
    sigmas = SigmaGrid.fractional(linspace, 20, FinalSigma.ZERO).sigmas();
    assertThat(Arrays.copyOf(sigmas, 3))
        .containsExactly(new double[] {14.614647, 10.74685, 8.081536}, within(1e-5));
    assertThat(Arrays.copyOfRange(sigmas, 18, 21))
        .containsExactly(new double[] {0.2321682, 0.02916753, 0}, within(1e-6));
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
