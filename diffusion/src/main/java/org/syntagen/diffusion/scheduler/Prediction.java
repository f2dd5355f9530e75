package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * What a denoiser's output stands for. The names in lower case are diffusers' {@code
 * prediction_type}.
 */
public enum Prediction {
  /** The noise ε in x = √ᾱ·x0 + √(1−ᾱ)·ε. */
  EPSILON,
  /** The velocity √ᾱ·ε − √(1−ᾱ)·x0 (Salimans and Ho, 2022). */
  V_PREDICTION,
  /** The clean sample x0. */
  SAMPLE;

  /**
   * What a perfect denoiser would put out for {@link NoiseSchedule#addNoise} of the same arguments.
   */
  public Tensor target(NoiseSchedule schedule, Tensor x0, Tensor noise, long[] timesteps) {
    return switch (this) {
      case EPSILON -> noise;
      case V_PREDICTION -> schedule.velocity(x0, noise, timesteps);
      case SAMPLE -> x0;
    };
  }
}
