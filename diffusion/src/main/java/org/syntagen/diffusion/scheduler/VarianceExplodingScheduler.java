package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * A solver of the diffusion ODE dx/dσ = ε in the form of Karras et al. (2022), where a sample at
 * level σ is x0 + σ·ε and the model sees it divided by √(σ²+1): what Euler, ancestral Euler, Heun
 * and LMS have in common.
 */
abstract class VarianceExplodingScheduler implements Scheduler {
  final SchedulerConfig config;
  final double[] sigmas; // one more than timesteps: where the last step ends
  private final float[] timesteps;

  VarianceExplodingScheduler(SchedulerConfig config, SigmaGrid grid, String name) {
    config.refuse(config.thresholding(), "thresholding", name);
    this.config = config;
    timesteps = grid.timesteps();
    sigmas = grid.sigmas();
  }

  @Override
  public final float[] timesteps() {
    return timesteps.clone();
  }

  @Override
  public final double initNoiseSigma() {
    double highest = sigmas[0];
    return config.spacing() == Spacing.LEADING ? Math.sqrt(highest * highest + 1) : highest;
  }

  @Override
  public final Tensor scaleInput(Tensor sample, int stepIndex) {
    return Ops.scale(sample, alpha(sigmas[stepIndex]));
  }

  @Override
  public final Tensor addNoise(Tensor x0, Tensor noise, int stepIndex) {
    return Scope.compute(() -> CleanSample.plus(x0, sigmas[stepIndex], noise));
  }

  /** dx/dσ at the level of a step, which is the predicted noise ε; may be the output itself. */
  final Tensor slope(Tensor modelOutput, int stepIndex, Tensor sample) {
    double sigma = sigmas[stepIndex];
    double alpha = alpha(sigma);
    Tensor scaled = Ops.scale(sample, alpha);
    return CleanSample.noise(config.prediction(), modelOutput, scaled, alpha, alpha * sigma);
  }

  /** Share of signal in a sample scaled to unit variance. */
  private static double alpha(double sigma) {
    return 1 / Math.sqrt(sigma * sigma + 1);
  }
}
