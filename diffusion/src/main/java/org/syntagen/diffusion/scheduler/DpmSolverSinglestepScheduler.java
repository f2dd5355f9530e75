package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * DPM-Solver++ 2S (Lu et al., 2022, algorithm 1, midpoint): a second-order singlestep solver of the
 * diffusion ODE in x0. Steps come in pairs: the first of a pair is of first order, the second
 * starts anew where the pair began and uses both predictions.
 *
 * <p>diffusers' has linspace spacing alone; this one has the configuration's.
 */
public final class DpmSolverSinglestepScheduler extends ExponentialScheduler {
  private final History starts = new History(1); // the sample where the pair under way began

  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public DpmSolverSinglestepScheduler(SchedulerConfig config, int steps) {
    super(config, steps, 1);
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    images.begin(stepIndex);
    return Scope.compute(
        () -> {
          Tensor x0 = x0(modelOutput, stepIndex, sample);
          Tensor result;
          if (secondOrder(stepIndex)) {
            int start = stepIndex - 1;
            // x0 halfway through the pair on the line through both predictions, in λ.
            double ahead = 0.5 * distance(start, stepIndex + 1) / distance(start, stepIndex);
            Tensor slope = CleanSample.blend(1 - ahead, images.get(0), ahead, x0);
            result = advance(starts.get(0), slope, start, stepIndex + 1);
          } else {
            result = advance(sample, x0, stepIndex, stepIndex + 1);
            starts.add(sample.clone());
          }
          images.add(x0);
          return result;
        });
  }

  private boolean secondOrder(int stepIndex) {
    boolean lastIsFirstOrder = config.lowerOrderFinal() || config.finalSigma() == FinalSigma.ZERO;
    return stepIndex % 2 == 1 && images.size() > 0 && !(last(stepIndex) && lastIsFirstOrder);
  }

  @Override
  public void close() {
    super.close();
    starts.close();
  }
}
