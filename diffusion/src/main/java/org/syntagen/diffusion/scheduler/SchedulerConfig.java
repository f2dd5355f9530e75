package org.syntagen.diffusion.scheduler;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.syntagen.dataset.InputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The noise schedule that a model was trained with and how to sample from it: the part of
 * diffusers' scheduler_config.json that the schedulers here read. One that has no use for a value
 * ignores it, as in diffusers, unless the samples would be wrong without it.
 *
 * @param trainTimesteps number of noise levels in training, 1 to 100,000
 * @param betaStart noise variance of the first timestep, in (0, 1)
 * @param betaEnd noise variance of the last timestep, in [betaStart, 1)
 * @param zeroTerminalSnr whether the schedule is rescaled so that the last timestep is pure noise
 *     (rescale_betas_zero_snr; Lin et al., 2023)
 * @param prediction what the model's output stands for
 * @param stepsOffset added to each timestep under {@link Spacing#LEADING}
 * @param setAlphaToOne whether the last step of DDIM and PNDM goes to the clean image instead of
 *     timestep 0
 * @param clipSample whether DDIM, DDPM, LCM and Heun clip predicted images to ±clipSampleRange
 *     (pixel models only)
 * @param thresholding whether predicted images are dynamically thresholded (Saharia et al., 2022;
 *     pixel models only); refused by PNDM, Euler, Euler ancestral, Heun and LMS
 * @param thresholdingRatio quantile of |x0| that becomes the threshold, in [0, 1]
 * @param sampleMaxValue upper bound of the threshold
 * @param karrasSigmas noise levels after Karras et al. (2022) for Euler, Heun, LMS, DPM-Solver and
 *     UniPC; refused by Euler ancestral
 * @param luLambdas DPM-Solver and UniPC: noise levels evenly spaced in log σ (Lu et al., 2022)
 * @param finalSigma where runs of Euler, DPM-Solver and UniPC end
 * @param lowerOrderFinal DPM-Solver and UniPC: first order in the last step (DPM-Solver++ 2M: of
 *     runs under 15 steps)
 * @param eulerAtFinal DPM-Solver++ 2M: first order in the last step of every run
 * @param skipPrkSteps PNDM: whether to begin without Runge–Kutta steps, as Stable Diffusion does
 * @param originalSteps LCM: number of timesteps in the distillation, 1 to trainTimesteps
 * @param timestepScaling LCM: factor of the timestep in the boundary condition, positive
 * @param eta DDIM: share η of fresh noise, from 0 (none) to 1 (DDPM's); diffusers takes it with
 *     each step instead of from a file
 */
public record SchedulerConfig(
    int trainTimesteps,
    double betaStart,
    double betaEnd,
    BetaSchedule betaSchedule,
    boolean zeroTerminalSnr,
    Prediction prediction,
    Spacing spacing,
    int stepsOffset,
    boolean setAlphaToOne,
    boolean clipSample,
    double clipSampleRange,
    boolean thresholding,
    double thresholdingRatio,
    double sampleMaxValue,
    boolean karrasSigmas,
    boolean luLambdas,
    FinalSigma finalSigma,
    boolean lowerOrderFinal,
    boolean eulerAtFinal,
    boolean skipPrkSteps,
    int originalSteps,
    double timestepScaling,
    double eta) {

  private static final int MAX_TRAIN_TIMESTEPS = 100_000;

  /** diffusers' classes whose timestep_spacing is leading unless the file says otherwise. */
  private static final Set<String> LEADING_BY_DEFAULT =
      Set.of("DDIMScheduler", "PNDMScheduler", "DDPMScheduler", "LCMScheduler");

  /** diffusers' classes whose clip_sample is true unless the file says otherwise. */
  private static final Set<String> CLIPPING_BY_DEFAULT = Set.of("DDIMScheduler", "DDPMScheduler");

  /** diffusers' classes whose betas begin and end as Stable Diffusion's by default. */
  private static final Set<String> SMALL_BETAS_BY_DEFAULT =
      Set.of("HeunDiscreteScheduler", "LCMScheduler");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  public SchedulerConfig {
    require(
        trainTimesteps >= 1 && trainTimesteps <= MAX_TRAIN_TIMESTEPS,
        "num_train_timesteps must be 1 to " + MAX_TRAIN_TIMESTEPS + ", not " + trainTimesteps);
    require(betaStart > 0 && betaStart < 1, "beta_start must be between 0 and 1, not " + betaStart);
    require(
        betaEnd >= betaStart && betaEnd < 1,
        "beta_end must be at least beta_start and less than 1, not " + betaEnd);
    require(
        betaSchedule != null && prediction != null && spacing != null && finalSigma != null,
        "beta_schedule, prediction_type, timestep_spacing and final_sigmas_type must be given");
    require(
        stepsOffset >= 0 && stepsOffset < trainTimesteps,
        "steps_offset must be 0 to " + (trainTimesteps - 1) + ", not " + stepsOffset);
    require(
        clipSampleRange > 0 && Double.isFinite(clipSampleRange),
        "clip_sample_range must be positive, not " + clipSampleRange);
    require(
        thresholdingRatio >= 0 && thresholdingRatio <= 1,
        "dynamic_thresholding_ratio must be 0 to 1, not " + thresholdingRatio);
    require(
        sampleMaxValue > 0 && Double.isFinite(sampleMaxValue),
        "sample_max_value must be positive, not " + sampleMaxValue);
    require(
        !(karrasSigmas && luLambdas), "use_karras_sigmas and use_lu_lambdas exclude each other");
    require(
        !(zeroTerminalSnr && prediction == Prediction.EPSILON),
        "rescale_betas_zero_snr needs prediction_type v_prediction or sample: pure noise says"
            + " nothing of the image");
    require(
        originalSteps >= 1 && originalSteps <= trainTimesteps,
        "original_inference_steps must be 1 to " + trainTimesteps + ", not " + originalSteps);
    require(
        timestepScaling > 0 && Double.isFinite(timestepScaling),
        "timestep_scaling must be positive, not " + timestepScaling);
    require(eta >= 0 && eta <= 1, "eta must be 0 to 1, not " + eta);
  }

  /** Stable Diffusion 1.x's schedule. */
  public static SchedulerConfig stableDiffusion() {
    return new SchedulerConfig(
        1000,
        0.00085,
        0.012,
        BetaSchedule.SCALED_LINEAR,
        false,
        Prediction.EPSILON,
        Spacing.LEADING,
        1,
        false,
        false,
        1.0,
        false,
        0.995,
        1.0,
        false,
        false,
        FinalSigma.ZERO,
        true,
        false,
        true,
        50,
        10.0,
        0.0);
  }

  /**
   * Reads diffusers' keys. A missing key takes the default of the class that the file names in
   * {@code _class_name} (DDIM's when it names none), whichever scheduler then samples: diffusers
   * itself would change the spacing on switching schedulers. Keys of settings that no scheduler
   * here has are refused unless they are off; keys unknown to diffusers' schedulers are ignored.
   *
   * @param origin where the JSON comes from, for messages
   * @throws InputException if a value has the wrong type or range, or asks for what is not
   *     supported
   */
  public static SchedulerConfig fromJson(JsonNode json, String origin) {
    ConfigReader in = new ConfigReader(json, origin);
    String type = in.text("_class_name", "DDIMScheduler");
    if (json.hasNonNull("trained_betas")) {
      throw new InputException(
          origin + ": trained_betas are not supported; expected beta_start and beta_end");
    }
    refuseUnsupported(in);
    boolean smallBetas = SMALL_BETAS_BY_DEFAULT.contains(type);
    int trainTimesteps = in.integer("num_train_timesteps", 1000);
    try {
      return new SchedulerConfig(
          trainTimesteps,
          in.number("beta_start", smallBetas ? 0.00085 : 0.0001),
          in.number("beta_end", smallBetas ? 0.012 : 0.02),
          in.choice(
              "beta_schedule",
              type.equals("LCMScheduler") ? BetaSchedule.SCALED_LINEAR : BetaSchedule.LINEAR),
          in.flag("rescale_betas_zero_snr", false),
          in.choice("prediction_type", Prediction.EPSILON),
          in.choice(
              "timestep_spacing",
              LEADING_BY_DEFAULT.contains(type) ? Spacing.LEADING : Spacing.LINSPACE),
          in.integer("steps_offset", 0),
          in.flag("set_alpha_to_one", !type.equals("PNDMScheduler")),
          in.flag("clip_sample", CLIPPING_BY_DEFAULT.contains(type)),
          in.number("clip_sample_range", 1.0),
          in.flag("thresholding", false),
          in.number("dynamic_thresholding_ratio", 0.995),
          in.number("sample_max_value", 1.0),
          in.flag("use_karras_sigmas", false),
          in.flag("use_lu_lambdas", false),
          in.choice("final_sigmas_type", FinalSigma.ZERO),
          in.flag("lower_order_final", !type.equals("DPMSolverSinglestepScheduler")),
          in.flag("euler_at_final", false),
          in.flag("skip_prk_steps", false),
          in.integer("original_inference_steps", Math.max(1, Math.min(50, trainTimesteps))),
          in.number("timestep_scaling", 10.0),
          in.number("eta", 0.0));
    } catch (IllegalArgumentException e) {
      throw new InputException(origin + ": " + e.getMessage(), e);
    }
  }

  /** Settings of diffusers' schedulers that are not here: they must have the value that is. */
  private static void refuseUnsupported(ConfigReader in) {
    in.only("solver_order", "2");
    in.only("algorithm_type", "\"dpmsolver++\"");
    in.only("solver_type", "\"midpoint\"", "\"bh2\"");
    in.only("predict_x0", "true");
    in.only("disable_corrector", "[]");
    in.only("solver_p");
    in.only("variance_type", "\"fixed_small\"");
    in.only("lambda_min_clipped", "-Infinity", "\"-Infinity\"");
    in.only("interpolation_type", "\"linear\"");
    in.only("timestep_type", "\"discrete\"");
    in.only("use_exponential_sigmas", "false");
    in.only("use_beta_sigmas", "false");
    in.only("use_flow_sigmas", "false");
    in.only("sigma_min");
    in.only("sigma_max");
  }

  /**
   * All values under diffusers' keys, for provenance; numbers, strings and truth values in a fixed
   * order.
   */
  public Map<String, Object> toMap() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("num_train_timesteps", trainTimesteps);
    values.put("beta_start", betaStart);
    values.put("beta_end", betaEnd);
    values.put("beta_schedule", ConfigReader.name(betaSchedule));
    values.put("rescale_betas_zero_snr", zeroTerminalSnr);
    values.put("prediction_type", ConfigReader.name(prediction));
    values.put("timestep_spacing", ConfigReader.name(spacing));
    values.put("steps_offset", stepsOffset);
    values.put("set_alpha_to_one", setAlphaToOne);
    values.put("clip_sample", clipSample);
    values.put("clip_sample_range", clipSampleRange);
    values.put("thresholding", thresholding);
    values.put("dynamic_thresholding_ratio", thresholdingRatio);
    values.put("sample_max_value", sampleMaxValue);
    values.put("use_karras_sigmas", karrasSigmas);
    values.put("use_lu_lambdas", luLambdas);
    values.put("final_sigmas_type", ConfigReader.name(finalSigma));
    values.put("lower_order_final", lowerOrderFinal);
    values.put("euler_at_final", eulerAtFinal);
    values.put("skip_prk_steps", skipPrkSteps);
    values.put("original_inference_steps", originalSteps);
    values.put("timestep_scaling", timestepScaling);
    values.put("eta", eta);
    return values;
  }

  /**
   * {@link #toMap} for, with {@code _class_name} added, a scheduler_config.json; {@link #fromJson}
   * gives back an equal configuration.
   */
  public ObjectNode toJson() {
    return JSON.valueToTree(toMap());
  }

  /** This configuration for a model that predicts something else. */
  public SchedulerConfig withPrediction(Prediction prediction) {
    return with(json -> json.put("prediction_type", ConfigReader.name(prediction)));
  }

  /** This configuration with other timesteps. */
  public SchedulerConfig withSpacing(Spacing spacing) {
    return with(json -> json.put("timestep_spacing", ConfigReader.name(spacing)));
  }

  /** This configuration with another share of fresh noise in DDIM. */
  public SchedulerConfig withEta(double eta) {
    return with(json -> json.put("eta", eta));
  }

  /** This configuration with the two settings that Stable Diffusion's pipeline enforces. */
  public SchedulerConfig forStableDiffusion() {
    return with(json -> json.put("steps_offset", 1).put("clip_sample", false));
  }

  /**
   * Complains about a setting that a scheduler does not have and without which its samples would be
   * wrong.
   *
   * @param set whether this configuration asks for it
   * @throws InputException if so
   */
  void refuse(boolean set, String setting, String scheduler) {
    if (set) {
      throw new InputException(
          "the "
              + scheduler
              + " scheduler has no "
              + setting
              + ", which the model's scheduler_config.json asks for; choose another scheduler");
    }
  }

  private SchedulerConfig with(Consumer<ObjectNode> change) {
    ObjectNode json = toJson();
    change.accept(json);
    return fromJson(json, "scheduler");
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
