package org.syntagen.diffusion.scheduler;

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
  SAMPLE
}
