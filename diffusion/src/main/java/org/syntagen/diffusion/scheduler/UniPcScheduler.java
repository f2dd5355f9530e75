package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * UniPC of second order with B(h) = e^h − 1 ("bh2"; Zhao et al., 2023): a multistep predictor like
 * DPM-Solver++ 2M, and a corrector that, with the prediction at the end of a step, makes that step
 * once more before the next. One model call a step.
 */
public final class UniPcScheduler extends ExponentialScheduler {
  private final History starts = new History(1); // the corrected sample where the last step began
  private int order; // of the last step

  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public UniPcScheduler(SchedulerConfig config, int steps) {
    super(config, steps, 2);
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    images.begin(stepIndex);
    return Scope.compute(
        () -> {
          Tensor x0 = x0(modelOutput, stepIndex, sample);
          Tensor start = images.size() == 0 ? sample.clone() : correct(x0, stepIndex);
          order = firstOrder(stepIndex) ? 1 : 2;
          Tensor slope = order == 1 ? x0 : extrapolate(x0, stepIndex);
          Tensor result = advance(start, slope, stepIndex, stepIndex + 1);
          images.add(x0);
          starts.add(start);
          return result;
        });
  }

  private boolean firstOrder(int stepIndex) {
    boolean lastIsFirstOrder = config.lowerOrderFinal() || config.finalSigma() == FinalSigma.ZERO;
    return images.size() == 0 || (last(stepIndex) && lastIsFirstOrder);
  }

  /** The last step once more, with the prediction at its end. */
  private Tensor correct(Tensor x0, int stepIndex) {
    Tensor before = images.get(0);
    double ofChange = 0.5;
    double ofHistory = 0;
    if (order == 2) {
      double h = distance(stepIndex - 1, stepIndex);
      double ratio = -distance(stepIndex - 2, stepIndex - 1) / h;
      // b of the paper's system [1 1; ratio 1]·ρ = b, for x0 prediction.
      double b1 = (Math.expm1(-h) / -h - 1) / Math.expm1(-h);
      double b2 = 2 * ((Math.expm1(-h) / -h - 1) / -h - 0.5) / Math.expm1(-h);
      double rho = (b2 - b1) / (ratio - 1);
      ofHistory = rho / ratio;
      ofChange = b1 - rho;
    }
    Tensor slope = CleanSample.blend(1 - ofChange - ofHistory, before, ofChange, x0);
    if (order == 2) {
      slope = CleanSample.plus(slope, ofHistory, images.get(1));
    }
    return advance(starts.get(0), slope, stepIndex - 1, stepIndex);
  }

  @Override
  public void close() {
    super.close();
    starts.close();
  }
}
