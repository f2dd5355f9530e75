package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * Euler's method on the diffusion ODE (Karras et al., 2022, algorithm 2 without churn): first
 * order, one model call a step. It keeps nothing between steps.
 */
public final class EulerScheduler extends VarianceExplodingScheduler {
  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps, or
   *     the configuration asks for thresholding
   */
  public EulerScheduler(SchedulerConfig config, int steps) {
    super(config, SigmaGrid.fractional(config, steps, config.finalSigma()), "Euler");
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    double change = sigmas[stepIndex + 1] - sigmas[stepIndex];
    return Scope.compute(
        () -> CleanSample.plus(sample, change, slope(modelOutput, stepIndex, sample)));
  }
}
