package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.InputException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

class SchedulerConfigTest {
  private static SchedulerConfig parse(String json) {
    return SchedulerConfig.fromJson(JsonMapper.builder().build().readTree(json), "file.json");
  }

  @Test
  void whatIsWrittenIsReadBack() {
    SchedulerConfig config =
        SchedulerConfig.stableDiffusion()
            .withPrediction(Prediction.V_PREDICTION)
            .withSpacing(Spacing.TRAILING)
            .withEta(0.25);
    assertThat(SchedulerConfig.fromJson(config.toJson(), "memory")).isEqualTo(config);
    assertThat(config.prediction()).isEqualTo(Prediction.V_PREDICTION);
    assertThat(config.spacing()).isEqualTo(Spacing.TRAILING);
    assertThat(config.eta()).isEqualTo(0.25);
  }

  @Test
  void stableDiffusionsOwnFileGivesStableDiffusionsConfiguration() {
    SchedulerConfig config =
        parse(
            """
            {"_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0",
             "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085,
             "clip_sample": false, "num_train_timesteps": 1000, "set_alpha_to_one": false,
             "skip_prk_steps": true, "steps_offset": 1, "trained_betas": null}""");
    assertThat(config).isEqualTo(SchedulerConfig.stableDiffusion());
  }

  @Test
  void missingKeysTakeTheDefaultsOfTheNamedClass() {
    SchedulerConfig ddim = parse("{\"_class_name\": \"DDIMScheduler\"}");
    SchedulerConfig pndm = parse("{\"_class_name\": \"PNDMScheduler\"}");
    SchedulerConfig euler = parse("{\"_class_name\": \"EulerDiscreteScheduler\"}");
    assertThat(ddim.spacing()).isEqualTo(Spacing.LEADING);
    assertThat(ddim.clipSample()).isTrue();
    assertThat(ddim.setAlphaToOne()).isTrue();
    assertThat(pndm.setAlphaToOne()).isFalse();
    assertThat(pndm.clipSample()).isFalse();
    assertThat(euler.spacing()).isEqualTo(Spacing.LINSPACE);
    assertThat(euler.betaStart()).isEqualTo(0.0001);
    assertThat(euler.lowerOrderFinal()).isTrue();
    assertThat(pndm.skipPrkSteps()).isFalse();
    assertThat(parse("{\"_class_name\": \"DPMSolverSinglestepScheduler\"}").lowerOrderFinal())
        .isFalse();
    assertThat(parse("{\"_class_name\": \"HeunDiscreteScheduler\"}").betaEnd()).isEqualTo(0.012);
    SchedulerConfig lcm = parse("{\"_class_name\": \"LCMScheduler\"}");
    assertThat(lcm.betaSchedule()).isEqualTo(BetaSchedule.SCALED_LINEAR);
    assertThat(lcm.betaStart()).isEqualTo(0.00085);
    assertThat(lcm.originalSteps()).isEqualTo(50);
    assertThat(lcm.timestepScaling()).isEqualTo(10);
  }

  @Test
  void settingsThatAreNotHereMayBeOff() {
    SchedulerConfig config =
        parse(
            """
            {"solver_order": 2, "algorithm_type": "dpmsolver++", "solver_type": "bh2",
             "predict_x0": true, "disable_corrector": [], "solver_p": null, "variance_type": null,
             "use_exponential_sigmas": false, "use_beta_sigmas": false, "use_flow_sigmas": false,
             "interpolation_type": "linear", "timestep_type": "discrete", "sigma_min": null}""");
    assertThat(config).isEqualTo(parse("{}"));
    JsonMapper lenient =
        JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
    assertThat(
            SchedulerConfig.fromJson(
                lenient.readTree("{\"lambda_min_clipped\": -Infinity}"), "file.json"))
        .isEqualTo(config);
  }

  @Test
  void thePipelinesOverridesMakeALatentConfiguration() {
    SchedulerConfig config = parse("{}").forStableDiffusion();
    assertThat(config.stepsOffset()).isEqualTo(1);
    assertThat(config.clipSample()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                               | expected a JSON object
          {"beta_start": "low"}            | beta_start is "low"; expected a number
          {"beta_start": 0}                | beta_start must be between 0 and 1, not 0.0
          {"beta_end": 1e-9}               | beta_end must be at least beta_start and less than 1
          {"num_train_timesteps": 1e3}     | num_train_timesteps is 1000.0; expected a whole number
          {"num_train_timesteps": 0}       | num_train_timesteps must be 1 to 100000, not 0
          {"num_train_timesteps": 2000000} | num_train_timesteps must be 1 to 100000, not 2000000
          {"steps_offset": -1}             | steps_offset must be 0 to 999, not -1
          {"clip_sample": 1}               | clip_sample is 1; expected true or false
          {"prediction_type": "flow"}      | prediction_type is "flow"; expected epsilon, v_pred
          {"timestep_spacing": 3}          | timestep_spacing is 3; expected a string
          {"beta_schedule": "cosine"}      | beta_schedule is "cosine"; expected linear, scaled
          {"trained_betas": [0.1]}         | trained_betas are not supported
          {"thresholding": true, "dynamic_thresholding_ratio": 2} | must be 0 to 1, not 2.0
          {"rescale_betas_zero_snr": true} | rescale_betas_zero_snr needs prediction_type v_pred
          {"solver_order": 3}              | solver_order is 3; expected 2
          {"algorithm_type": "dpmsolver"}  | algorithm_type is "dpmsolver"; expected "dpmsolver++"
          {"solver_type": "heun"}          | solver_type is "heun"; expected "midpoint" or "bh2"
          {"variance_type": "learned"}     | variance_type is "learned"; expected "fixed_small"
          {"use_beta_sigmas": true}        | use_beta_sigmas is true; expected false
          {"lambda_min_clipped": -5.1}     | lambda_min_clipped is -5.1; expected -Infinity
          {"sigma_max": 200}               | sigma_max is 200; expected null
          {"eta": 1.5}                     | eta must be 0 to 1, not 1.5
          {"original_inference_steps": 0}  | original_inference_steps must be 1 to 1000, not 0
          {"timestep_scaling": -1}         | timestep_scaling must be positive, not -1.0
          {"use_karras_sigmas": true, "use_lu_lambdas": true} | exclude each other
          """)
  void aWrongFileIsRefusedInOneLine(String json, String message) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("file.json: ")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }
}
