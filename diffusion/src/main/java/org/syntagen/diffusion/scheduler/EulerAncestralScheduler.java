package org.syntagen.diffusion.scheduler;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * Euler's method with ancestral sampling: each step goes below the next level and back up to it
 * with fresh noise, so that the step as a whole draws from DDPM's posterior (Song et al., 2020,
 * with η = 1, on the levels of Karras et al., 2022). It keeps nothing between steps.
 */
public final class EulerAncestralScheduler extends VarianceExplodingScheduler {
  private final Supplier<Tensor> noise;

  /**
   * A run of {@code steps} steps.
   *
   * @param noise gives fresh standard normal numbers of the sample's shape; asked once a step, also
   *     in the last, which does not need them
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps, or
   *     the configuration asks for what this scheduler does not have
   */
  public EulerAncestralScheduler(SchedulerConfig config, int steps, Supplier<Tensor> noise) {
    super(config, SigmaGrid.fractional(config, steps, FinalSigma.ZERO), "Euler ancestral");
    config.refuse(
        config.prediction() == Prediction.SAMPLE, "prediction_type sample", "Euler ancestral");
    config.refuse(config.karrasSigmas(), "use_karras_sigmas", "Euler ancestral");
    this.noise = noise;
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    double from = sigmas[stepIndex];
    double to = sigmas[stepIndex + 1];
    double up = to * Math.sqrt(from * from - to * to) / from;
    double down = to * to / from; // √(to² − up²)
    return Scope.compute(
        () -> {
          Tensor below =
              CleanSample.plus(sample, down - from, slope(modelOutput, stepIndex, sample));
          return CleanSample.plus(below, up, noise.get());
        });
  }
}
