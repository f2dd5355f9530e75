package org.syntagen.diffusion.scheduler;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;

/**
 * DDPM (Ho et al., 2020): each step draws from the posterior q(x'|x, x0) of the next level, with
 * the lower bound of its variance (diffusers' {@code fixed_small}). It keeps nothing between steps.
 */
public final class DdpmScheduler extends TimestepScheduler {
  private static final double LEAST_VARIANCE = 1e-20;

  private final Supplier<Tensor> noise;

  /**
   * A run of {@code steps} steps.
   *
   * @param noise gives fresh standard normal numbers of the sample's shape; asked once a step,
   *     except at timestep 0
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public DdpmScheduler(SchedulerConfig config, int steps, Supplier<Tensor> noise) {
    super(config, TimestepGrid.inclusive(config, steps));
    this.noise = noise;
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    int t = timesteps[stepIndex];
    double alpha = alpha(t);
    double nextAlpha = stepIndex == timesteps.length - 1 ? 1 : alpha(timesteps[stepIndex + 1]);
    double kept =
        NoiseSchedule.ratio(
            alpha, nextAlpha); // share of the next level's signal variance that is left here
    double ofImage = Math.sqrt(nextAlpha) * (1 - kept) / (1 - alpha);
    double ofSample = Math.sqrt(kept) * (1 - nextAlpha) / (1 - alpha);
    double variance = Math.max(LEAST_VARIANCE, NoiseSchedule.posteriorVariance(alpha, nextAlpha));
    return Scope.compute(
        () -> {
          Tensor x0 = x0(modelOutput, alpha, sample);
          Tensor mean = CleanSample.blend(ofImage, x0, ofSample, sample);
          return t == 0 ? mean : CleanSample.plus(mean, Math.sqrt(variance), noise.get());
        });
  }
}
