package org.syntagen.diffusion.training;

/**
 * Linear warm-up, then half a cosine down to zero.
 *
 * @param peak the highest rate
 * @param warmup steps until it is reached
 * @param steps in all
 */
record LearningRate(double peak, long warmup, long steps) {

  /** The rate of a step, from 1. */
  double at(long step) {
    if (step <= warmup) {
      return peak * step / warmup;
    }
    double progress = Math.min(1, (double) (step - warmup) / Math.max(1, steps - warmup));
    return peak * 0.5 * (1 + Math.cos(Math.PI * progress));
  }
}
