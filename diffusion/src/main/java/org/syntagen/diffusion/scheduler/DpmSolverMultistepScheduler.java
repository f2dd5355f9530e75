package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * DPM-Solver++ 2M (Lu et al., 2022, algorithm 2, midpoint): a second-order multistep solver of the
 * diffusion ODE in x0, which needs one model call a step and remembers the last predicted x0.
 */
public final class DpmSolverMultistepScheduler extends ExponentialScheduler {
  /** Runs shorter than this end at first order when the configuration asks for it. */
  private static final int SHORT_RUN = 15;

  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public DpmSolverMultistepScheduler(SchedulerConfig config, int steps) {
    super(config, steps, 1);
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    images.begin(stepIndex);
    return Scope.compute(
        () -> {
          Tensor x0 = x0(modelOutput, stepIndex, sample);
          Tensor slope = firstOrder(stepIndex) ? x0 : extrapolate(x0, stepIndex);
          Tensor result = advance(sample, slope, stepIndex, stepIndex + 1);
          images.add(x0);
          return result;
        });
  }

  private boolean firstOrder(int stepIndex) {
    boolean lastIsFirstOrder =
        config.eulerAtFinal()
            || config.finalSigma() == FinalSigma.ZERO
            || (config.lowerOrderFinal() && sigmas.length - 1 < SHORT_RUN);
    return images.size() == 0 || (last(stepIndex) && lastIsFirstOrder);
  }
}
