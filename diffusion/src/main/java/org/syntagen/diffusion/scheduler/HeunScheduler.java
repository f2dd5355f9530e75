package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * Heun's method on the diffusion ODE (Karras et al., 2022, algorithm 1): second order. Every step
 * but the last has two model calls, at its start and at where Euler's method would end it, and goes
 * along the mean of both slopes: 2n − 1 calls for n steps. The calls are steps of their own here,
 * those with even index at a start; a run may begin at these only.
 */
public final class HeunScheduler extends VarianceExplodingScheduler {
  private final History starts = new History(1); // the sample where the step under way began
  private final History slopes = new History(1); // and the slope there

  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps, or
   *     the configuration asks for thresholding
   */
  public HeunScheduler(SchedulerConfig config, int steps) {
    super(config, twice(SigmaGrid.fractional(config, steps, FinalSigma.ZERO)), "Heun");
  }

  /** The grid with every level twice but the first and the last. */
  private static SigmaGrid twice(SigmaGrid grid) {
    int calls = 2 * grid.timesteps().length - 1;
    float[] timesteps = new float[calls];
    double[] sigmas = new double[calls + 1];
    for (int i = 0; i <= calls; i++) {
      int step = (i + 1) / 2;
      sigmas[i] = grid.sigmas()[step];
      if (i < calls) {
        timesteps[i] = grid.timesteps()[step];
      }
    }
    return new SigmaGrid(timesteps, sigmas);
  }

  @Override
  public int firstCall(int step) {
    return 2 * step;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException also if a run begins at an odd index
   */
  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    boolean start = stepIndex % 2 == 0;
    if (!start && slopes.size() == 0) {
      throw new IllegalStateException("a Heun run cannot begin at step " + stepIndex);
    }
    slopes.begin(stepIndex);
    return Scope.compute(
        () -> {
          Tensor slope = bounded(slope(modelOutput, stepIndex, sample), stepIndex, sample);
          if (!start) {
            double half = (sigmas[stepIndex] - sigmas[stepIndex - 1]) / 2;
            return CleanSample.plus(starts.get(0), half, slopes.get(0).add(slope));
          }
          starts.add(sample.clone());
          slopes.add(slope.clone());
          return CleanSample.plus(sample, sigmas[stepIndex + 1] - sigmas[stepIndex], slope);
        });
  }

  /** The slope towards the clipped x0 where the configuration asks for it. */
  private Tensor bounded(Tensor slope, int stepIndex, Tensor sample) {
    if (!config.clipSample()) {
      return slope;
    }
    double sigma = sigmas[stepIndex];
    Tensor x0 = CleanSample.clip(CleanSample.plus(sample, -sigma, slope), config);
    return CleanSample.blend(1 / sigma, sample, -1 / sigma, x0);
  }

  @Override
  public void close() {
    starts.close();
    slopes.close();
  }
}
