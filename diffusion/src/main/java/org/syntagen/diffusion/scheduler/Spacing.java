package org.syntagen.diffusion.scheduler;

/**
 * How a run's timesteps are chosen among those of training (Lin et al., 2023, table 2). The names
 * in lower case are diffusers' {@code timestep_spacing}.
 */
public enum Spacing {
  /** Equal integer strides from 0 up; the noisiest timesteps are never visited. */
  LEADING,
  /** Evenly from the first to the last timestep, rounded. */
  LINSPACE,
  /** Equal strides from the last timestep down. */
  TRAILING
}
