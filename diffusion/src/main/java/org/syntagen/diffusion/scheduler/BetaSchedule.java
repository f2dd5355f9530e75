package org.syntagen.diffusion.scheduler;

/**
 * How the noise variance β grows from its first to its last value. The names in lower case are
 * diffusers' {@code beta_schedule}.
 */
public enum BetaSchedule {
  /** β grows linearly. */
  LINEAR,
  /** √β grows linearly, as in Stable Diffusion. */
  SCALED_LINEAR
}
