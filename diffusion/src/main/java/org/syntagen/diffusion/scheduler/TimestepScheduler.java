package org.syntagen.diffusion.scheduler;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * A sampler that goes from one training timestep to another, each with its share ᾱ of signal: what
 * DDPM, DDIM, PNDM and LCM have in common.
 */
abstract class TimestepScheduler implements Scheduler {
  final SchedulerConfig config;
  final int[] timesteps; // one a model call, noisiest first
  private final NoiseSchedule schedule;

  TimestepScheduler(SchedulerConfig config, int[] timesteps) {
    this.config = config;
    this.timesteps = timesteps;
    schedule = new NoiseSchedule(config);
  }

  @Override
  public final float[] timesteps() {
    return TimestepGrid.floats(timesteps);
  }

  @Override
  public final Tensor addNoise(Tensor x0, Tensor noise, int stepIndex) {
    long[] all = new long[Math.toIntExact(x0.size(0))];
    Arrays.fill(all, timesteps[stepIndex]);
    return schedule.addNoise(x0, noise, all);
  }

  /** ᾱ at timestep t, or, where t is negative, at the end of the run. */
  final double alpha(int t) {
    if (t >= 0) {
      return schedule.alphaCumprod(t);
    }
    return config.setAlphaToOne() ? 1.0 : schedule.alphaCumprod(0);
  }

  /** The predicted x0, thresholded or clipped where the configuration asks for it. */
  final Tensor x0(Tensor modelOutput, double alpha, Tensor sample) {
    Tensor x0 =
        CleanSample.predict(
            config.prediction(), modelOutput, sample, Math.sqrt(alpha), Math.sqrt(1 - alpha));
    if (config.thresholding()) {
      return CleanSample.threshold(x0, config);
    }
    return config.clipSample() ? CleanSample.clip(x0, config) : x0;
  }

  /** The predicted noise ε; may be the output itself. */
  final Tensor epsilon(Tensor modelOutput, double alpha, Tensor sample) {
    return CleanSample.noise(
        config.prediction(), modelOutput, sample, Math.sqrt(alpha), Math.sqrt(1 - alpha));
  }
}
