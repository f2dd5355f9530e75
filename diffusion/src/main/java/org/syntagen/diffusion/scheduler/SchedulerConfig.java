package org.syntagen.diffusion.scheduler;

import java.util.Set;
import java.util.function.Consumer;
import org.syntagen.dataset.InputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The noise schedule that a model was trained with and how to sample from it: the part of
 * diffusers' scheduler_config.json that {@link DdimScheduler} and {@link
 * DpmSolverMultistepScheduler} read.
 *
 * @param trainTimesteps number of noise levels in training, 1 to 100,000
 * @param betaStart noise variance of the first timestep, in (0, 1)
 * @param betaEnd noise variance of the last timestep, in [betaStart, 1)
 * @param zeroTerminalSnr whether the schedule is rescaled so that the last timestep is pure noise
 *     (rescale_betas_zero_snr; Lin et al., 2023)
 * @param prediction what the model's output stands for
 * @param stepsOffset added to each timestep under {@link Spacing#LEADING}
 * @param setAlphaToOne whether DDIM's last step goes to the clean image instead of timestep 0
 * @param clipSample whether DDIM clips predicted images to ±clipSampleRange (pixel models only)
 * @param thresholding whether predicted images are dynamically thresholded (Saharia et al., 2022;
 *     pixel models only)
 * @param thresholdingRatio quantile of |x0| that becomes the threshold, in [0, 1]
 * @param sampleMaxValue upper bound of the threshold
 * @param karrasSigmas DPM-Solver: noise levels after Karras et al. (2022)
 * @param luLambdas DPM-Solver: noise levels evenly spaced in log σ (Lu et al., 2022)
 * @param lowerOrderFinal DPM-Solver: first order in the last step of runs under 15 steps
 * @param eulerAtFinal DPM-Solver: first order in the last step of every run
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
    boolean eulerAtFinal) {

  private static final int MAX_TRAIN_TIMESTEPS = 100_000;

  /** diffusers' classes whose timestep_spacing is leading unless the file says otherwise. */
  private static final Set<String> LEADING_BY_DEFAULT =
      Set.of("DDIMScheduler", "PNDMScheduler", "DDPMScheduler", "LCMScheduler");

  /** diffusers' classes whose clip_sample is true unless the file says otherwise. */
  private static final Set<String> CLIPPING_BY_DEFAULT = Set.of("DDIMScheduler", "DDPMScheduler");

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
        false);
  }

  /**
   * Reads diffusers' keys. A missing key takes the default of the class that the file names in
   * {@code _class_name} (DDIM's when it names none), whichever scheduler then samples: diffusers
   * itself would change the spacing on switching schedulers. Other keys are ignored.
   *
   * @param origin where the JSON comes from, for messages
   * @throws InputException if a value has the wrong type or range
   */
  public static SchedulerConfig fromJson(JsonNode json, String origin) {
    ConfigReader in = new ConfigReader(json, origin);
    String type = in.text("_class_name", "DDIMScheduler");
    if (json.hasNonNull("trained_betas")) {
      throw new InputException(
          origin + ": trained_betas are not supported; expected beta_start and beta_end");
    }
    try {
      return new SchedulerConfig(
          in.integer("num_train_timesteps", 1000),
          in.number("beta_start", 0.0001),
          in.number("beta_end", 0.02),
          in.choice("beta_schedule", BetaSchedule.LINEAR),
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
          in.flag("lower_order_final", true),
          in.flag("euler_at_final", false));
    } catch (IllegalArgumentException e) {
      throw new InputException(origin + ": " + e.getMessage(), e);
    }
  }

  /**
   * All values under diffusers' keys, for provenance and, with {@code _class_name} added, for a
   * scheduler_config.json; {@link #fromJson} gives back an equal configuration.
   */
  public ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("num_train_timesteps", trainTimesteps)
        .put("beta_start", betaStart)
        .put("beta_end", betaEnd)
        .put("beta_schedule", ConfigReader.name(betaSchedule))
        .put("rescale_betas_zero_snr", zeroTerminalSnr)
        .put("prediction_type", ConfigReader.name(prediction))
        .put("timestep_spacing", ConfigReader.name(spacing))
        .put("steps_offset", stepsOffset)
        .put("set_alpha_to_one", setAlphaToOne)
        .put("clip_sample", clipSample)
        .put("clip_sample_range", clipSampleRange)
        .put("thresholding", thresholding)
        .put("dynamic_thresholding_ratio", thresholdingRatio)
        .put("sample_max_value", sampleMaxValue)
        .put("use_karras_sigmas", karrasSigmas)
        .put("use_lu_lambdas", luLambdas)
        .put("final_sigmas_type", ConfigReader.name(finalSigma))
        .put("lower_order_final", lowerOrderFinal)
        .put("euler_at_final", eulerAtFinal);
  }

  /** This configuration for a model that predicts something else. */
  public SchedulerConfig withPrediction(Prediction prediction) {
    return with(json -> json.put("prediction_type", ConfigReader.name(prediction)));
  }

  /** This configuration with other timesteps. */
  public SchedulerConfig withSpacing(Spacing spacing) {
    return with(json -> json.put("timestep_spacing", ConfigReader.name(spacing)));
  }

  /** This configuration with the two settings that Stable Diffusion's pipeline enforces. */
  public SchedulerConfig forStableDiffusion() {
    return with(json -> json.put("steps_offset", 1).put("clip_sample", false));
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
