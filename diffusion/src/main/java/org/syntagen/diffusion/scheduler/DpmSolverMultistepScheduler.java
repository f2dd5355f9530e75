package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * DPM-Solver++ 2M (Lu et al., 2022, algorithm 2, midpoint): a second-order multistep solver of the
 * diffusion ODE in x0, which needs one model call a step and remembers the last predicted x0.
 *
 * <p>Noise levels are given as σ = noise/signal; at level σ the sample is α·x0 + α·σ·ε with α =
 * 1/√(σ²+1), and the log signal-to-noise ratio λ of the paper is −ln σ.
 */
public final class DpmSolverMultistepScheduler implements Scheduler {
  /** Runs shorter than this end at first order when the configuration asks for it. */
  private static final int SHORT_RUN = 15;

  private final SchedulerConfig config;
  private final float[] timesteps;
  private final double[] sigmas; // one more than timesteps: where the last step ends

  private Tensor previous; // the last step's x0, [batch, …], owned; null before the first step
  private int previousIndex;

  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public DpmSolverMultistepScheduler(SchedulerConfig config, int steps) {
    this.config = config;
    SigmaGrid grid = SigmaGrid.of(config, steps);
    timesteps = TimestepGrid.floats(grid.timesteps());
    sigmas = grid.sigmas();
  }

  @Override
  public float[] timesteps() {
    return timesteps.clone();
  }

  /** The noise levels of the run: where each step begins, and where the last one ends; a copy. */
  public double[] sigmas() {
    return sigmas.clone();
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    if (previous != null && stepIndex != previousIndex + 1) {
      throw new IllegalStateException(
          "step " + stepIndex + " after step " + previousIndex + ": steps must go in order");
    }
    double sigma = sigmas[stepIndex];
    double next = sigmas[stepIndex + 1];
    double alpha = alpha(sigma);
    try (Scope scope = new Scope()) {
      Tensor x0 =
          CleanSample.predict(config.prediction(), modelOutput, sample, alpha, alpha * sigma);
      if (config.thresholding()) {
        x0 = CleanSample.threshold(x0, config);
      }
      // exp(−h) = next/sigma where h is the step in λ.
      double kept = alpha(next) * next / (alpha * sigma);
      double gained = alpha(next) * (1 - next / sigma);
      Tensor slope = firstOrder(stepIndex) ? x0 : extrapolate(x0, stepIndex);
      Tensor result = CleanSample.blend(kept, sample, gained, slope);
      remember(x0, stepIndex);
      return scope.keep(result);
    }
  }

  private boolean firstOrder(int stepIndex) {
    boolean last = stepIndex == timesteps.length - 1;
    boolean lastIsFirstOrder =
        config.eulerAtFinal()
            || config.finalSigma() == FinalSigma.ZERO
            || (config.lowerOrderFinal() && timesteps.length < SHORT_RUN);
    return previous == null || (last && lastIsFirstOrder);
  }

  /** x0 half a step ahead on the line through the last two predictions, in λ. */
  private Tensor extrapolate(Tensor x0, int stepIndex) {
    double step = Math.log(sigmas[stepIndex] / sigmas[stepIndex + 1]);
    double previousStep = Math.log(sigmas[stepIndex - 1] / sigmas[stepIndex]);
    double ahead = 0.5 * step / previousStep;
    return CleanSample.blend(1 + ahead, x0, -ahead, previous);
  }

  private void remember(Tensor x0, int stepIndex) {
    close();
    if (stepIndex < timesteps.length - 1) {
      previous = Scope.own(x0);
      previousIndex = stepIndex;
    }
  }

  @Override
  public Tensor addNoise(Tensor x0, Tensor noise, int stepIndex) {
    double sigma = sigmas[stepIndex];
    double alpha = alpha(sigma);
    return Scope.compute(() -> CleanSample.blend(alpha, x0, alpha * sigma, noise));
  }

  private static double alpha(double sigma) {
    return 1 / Math.sqrt(sigma * sigma + 1);
  }

  @Override
  public void close() {
    if (previous != null) {
      previous.close();
      previous = null;
    }
  }
}
