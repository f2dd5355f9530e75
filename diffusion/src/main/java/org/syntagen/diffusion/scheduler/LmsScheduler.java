package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * The linear multistep method of fourth order on the diffusion ODE (Adams–Bashforth for uneven
 * levels): each step integrates the polynomial through the last four slopes, with one model call.
 */
public final class LmsScheduler extends VarianceExplodingScheduler {
  private static final int ORDER = 4;

  /** Nodes of two-point Gauss–Legendre quadrature, exact for the cubics here, are ±1/√3. */
  private static final double NODE = 1 / Math.sqrt(3);

  private final History slopes = new History(ORDER);

  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps, or
   *     the configuration asks for thresholding
   */
  public LmsScheduler(SchedulerConfig config, int steps) {
    super(config, SigmaGrid.fractional(config, steps, FinalSigma.ZERO), "LMS");
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    slopes.begin(stepIndex);
    return Scope.compute(
        () -> {
          slopes.add(slope(modelOutput, stepIndex, sample).clone());
          // A run that begins midway has the order of its index and leaves out the slopes that are
          // not there, as in the reference.
          int order = Math.min(stepIndex + 1, ORDER);
          Tensor result = sample;
          for (int age = 0; age < Math.min(order, slopes.size()); age++) {
            result = CleanSample.plus(result, weight(order, stepIndex, age), slopes.get(age));
          }
          return result;
        });
  }

  /** Integral over the step of the Lagrange polynomial that is 1 at the level of a slope. */
  private double weight(int order, int stepIndex, int age) {
    double half = (sigmas[stepIndex + 1] - sigmas[stepIndex]) / 2;
    double middle = (sigmas[stepIndex + 1] + sigmas[stepIndex]) / 2;
    double sum = 0;
    for (double node : new double[] {-NODE, NODE}) {
      double product = 1;
      for (int other = 0; other < order; other++) {
        if (other != age) {
          double zero = sigmas[stepIndex - other];
          product *= (middle + half * node - zero) / (sigmas[stepIndex - age] - zero);
        }
      }
      sum += product;
    }
    return half * sum;
  }

  @Override
  public void close() {
    slopes.close();
  }
}
