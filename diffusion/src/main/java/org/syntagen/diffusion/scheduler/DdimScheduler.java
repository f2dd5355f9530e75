package org.syntagen.diffusion.scheduler;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * DDIM (Song et al., 2020): each step predicts the clean sample and re-noises it to the next level,
 * along the predicted noise and, with η above 0, partly with fresh noise. η = 0 is deterministic, η
 * = 1 has DDPM's variance. It keeps nothing between steps.
 */
public final class DdimScheduler extends TimestepScheduler {
  private final Supplier<Tensor> noise;
  private final int stride;

  /**
   * A run of {@code steps} steps.
   *
   * @param noise gives fresh standard normal numbers of the sample's shape; asked once a step if
   *     the configuration's η is above 0
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public DdimScheduler(SchedulerConfig config, int steps, Supplier<Tensor> noise) {
    super(config, TimestepGrid.inclusive(config, steps));
    this.noise = noise;
    stride = config.trainTimesteps() / steps;
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    int t = timesteps[stepIndex];
    double alpha = alpha(t);
    double nextAlpha = alpha(t - stride);
    double variance = NoiseSchedule.posteriorVariance(alpha, nextAlpha);
    double deviation = config.eta() * Math.sqrt(variance);
    double rest = Math.sqrt(Math.max(0, 1 - nextAlpha - deviation * deviation));
    return Scope.compute(
        () -> {
          Tensor x0 = x0(modelOutput, alpha, sample);
          // The noise comes from the raw output even when x0 was clipped, as in the reference.
          Tensor eps = epsilon(modelOutput, alpha, sample);
          Tensor next = CleanSample.blend(Math.sqrt(nextAlpha), x0, rest, eps);
          return config.eta() == 0 ? next : CleanSample.plus(next, deviation, noise.get());
        });
  }
}
