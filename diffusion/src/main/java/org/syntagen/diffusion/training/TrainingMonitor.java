package org.syntagen.diffusion.training;

/** Told of every training step; it may print, plot or record. */
@FunctionalInterface
public interface TrainingMonitor {
  /**
   * @param phase such as "autoencoder"
   * @param step from 1
   * @param steps of the phase in all
   * @param loss of this step
   */
  void step(String phase, long step, long steps, double loss);

  /** The autoencoder is trained or read; this is what its latents hold. */
  default void autoencoder(LatentStatistics statistics) {}
}
