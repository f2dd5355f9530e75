package org.syntagen.diffusion.scheduler;

/**
 * The noise level that a multistep run ends at. The names in lower case are diffusers' {@code
 * final_sigmas_type}.
 */
public enum FinalSigma {
  /** No noise at all. */
  ZERO,
  /** The lowest level of training. */
  SIGMA_MIN
}
