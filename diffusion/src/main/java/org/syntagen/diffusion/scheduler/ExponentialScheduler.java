package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * A solver of the diffusion ODE in x0 by exponential integrators (DPM-Solver++; Lu et al., 2022):
 * what its multistep and singlestep forms and UniPC have in common.
 *
 * <p>Noise levels are given as σ = noise/signal; at level σ the sample is α·x0 + α·σ·ε with α =
 * 1/√(σ²+1), and the log signal-to-noise ratio λ of the paper is −ln σ.
 */
abstract class ExponentialScheduler implements Scheduler {
  final SchedulerConfig config;
  final double[] sigmas; // one more than timesteps: where the last step ends
  final History images; // the last steps' x0, [batch, …]
  private final float[] timesteps;

  ExponentialScheduler(SchedulerConfig config, int steps, int remembered) {
    this.config = config;
    SigmaGrid grid = SigmaGrid.whole(config, steps);
    timesteps = grid.timesteps();
    sigmas = grid.sigmas();
    images = new History(remembered);
  }

  @Override
  public final float[] timesteps() {
    return timesteps.clone();
  }

  /** The noise levels of the run: where each step begins, and where the last one ends; a copy. */
  public final double[] sigmas() {
    return sigmas.clone();
  }

  @Override
  public final Tensor addNoise(Tensor x0, Tensor noise, int stepIndex) {
    double sigma = sigmas[stepIndex];
    double alpha = alpha(sigma);
    return Scope.compute(() -> CleanSample.blend(alpha, x0, alpha * sigma, noise));
  }

  final boolean last(int stepIndex) {
    return stepIndex == timesteps.length - 1;
  }

  /** The predicted x0, thresholded where the configuration asks for it, as a new tensor. */
  final Tensor x0(Tensor modelOutput, int stepIndex, Tensor sample) {
    double sigma = sigmas[stepIndex];
    double alpha = alpha(sigma);
    Tensor x0 = CleanSample.predict(config.prediction(), modelOutput, sample, alpha, alpha * sigma);
    return config.thresholding() ? CleanSample.threshold(x0, config) : x0;
  }

  /** x0 half a step ahead on the line through the prediction here and the last one, in λ. */
  final Tensor extrapolate(Tensor x0, int stepIndex) {
    double ahead = 0.5 * distance(stepIndex, stepIndex + 1) / distance(stepIndex - 1, stepIndex);
    return CleanSample.blend(1 + ahead, x0, -ahead, images.get(0));
  }

  /** From one level to another in λ; positive towards the image. */
  final double distance(int from, int to) {
    return Math.log(sigmas[from] / sigmas[to]);
  }

  /** The exact solution from one level to another if x0 were the same all the way. */
  final Tensor advance(Tensor sample, Tensor x0, int from, int to) {
    double sigma = sigmas[from];
    double next = sigmas[to];
    // exp(−h) = next/sigma where h is the step in λ.
    double kept = alpha(next) * next / (alpha(sigma) * sigma);
    double gained = alpha(next) * (1 - next / sigma);
    return CleanSample.blend(kept, sample, gained, x0);
  }

  private static double alpha(double sigma) {
    return 1 / Math.sqrt(sigma * sigma + 1);
  }

  @Override
  public void close() {
    images.close();
  }
}
