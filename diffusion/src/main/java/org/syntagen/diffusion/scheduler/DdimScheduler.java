package org.syntagen.diffusion.scheduler;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * Deterministic DDIM (Song et al., 2020; η = 0): each step predicts the clean sample and re-noises
 * it to the next level along the predicted noise. It keeps nothing between steps.
 */
public final class DdimScheduler implements Scheduler {
  private final SchedulerConfig config;
  private final NoiseSchedule schedule;
  private final int[] timesteps;
  private final int stride;

  /**
   * A run of {@code steps} steps.
   *
   * @throws org.syntagen.dataset.InputException if the schedule has no room for that many steps
   */
  public DdimScheduler(SchedulerConfig config, int steps) {
    this.config = config;
    schedule = new NoiseSchedule(config);
    timesteps = TimestepGrid.inclusive(config, steps);
    stride = config.trainTimesteps() / steps;
  }

  @Override
  public float[] timesteps() {
    return TimestepGrid.floats(timesteps);
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    int t = timesteps[stepIndex];
    double alpha = schedule.alphaCumprod(t);
    double nextAlpha = nextAlpha(t);
    double signal = Math.sqrt(alpha);
    double noise = Math.sqrt(1 - alpha);
    return Scope.compute(
        () -> {
          Tensor x0 =
              bounded(CleanSample.predict(config.prediction(), modelOutput, sample, signal, noise));
          // The noise comes from the raw output even when x0 was clipped, as in the reference.
          Tensor eps = CleanSample.noise(config.prediction(), modelOutput, sample, signal, noise);
          return CleanSample.blend(Math.sqrt(nextAlpha), x0, Math.sqrt(1 - nextAlpha), eps);
        });
  }

  private double nextAlpha(int t) {
    int next = t - stride;
    if (next >= 0) {
      return schedule.alphaCumprod(next);
    }
    return config.setAlphaToOne() ? 1.0 : schedule.alphaCumprod(0);
  }

  private Tensor bounded(Tensor x0) {
    if (config.thresholding()) {
      return CleanSample.threshold(x0, config);
    }
    double range = config.clipSampleRange();
    return config.clipSample() ? Ops.clamp(x0, -range, range) : x0;
  }

  @Override
  public Tensor addNoise(Tensor x0, Tensor noise, int stepIndex) {
    long[] all = new long[Math.toIntExact(x0.size(0))];
    Arrays.fill(all, timesteps[stepIndex]);
    return schedule.addNoise(x0, noise, all);
  }
}
