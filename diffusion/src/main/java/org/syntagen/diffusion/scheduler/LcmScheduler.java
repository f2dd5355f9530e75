package org.syntagen.diffusion.scheduler;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Scope;

/**
 * Latent consistency models (Luo et al., 2023): each step jumps to the clean sample and re-noises
 * it to the next level with fresh noise; the last does not re-noise. Timesteps are picked from
 * those of the distillation (original_inference_steps equal strides up to the last timestep),
 * whatever the configuration's {@link Spacing}. It keeps nothing between steps.
 */
public final class LcmScheduler extends TimestepScheduler {
  /** Standard deviation of the data in the boundary condition, as in the paper. */
  private static final double SIGMA_DATA = 0.5;

  private final Supplier<Tensor> noise;

  /**
   * A run of {@code steps} steps.
   *
   * @param noise gives fresh standard normal numbers of the sample's shape; asked once a step,
   *     except in the last
   * @throws InputException if the distillation has fewer steps
   */
  public LcmScheduler(SchedulerConfig config, int steps, Supplier<Tensor> noise) {
    super(config, grid(config, steps));
    this.noise = noise;
  }

  private static int[] grid(SchedulerConfig config, int steps) {
    int original = config.originalSteps();
    if (steps < 1 || steps > original) {
      throw new InputException(
          steps
              + " sampling steps do not fit an LCM distilled in "
              + original
              + " (original_inference_steps); choose fewer (and at least 1)");
    }
    int stride = config.trainTimesteps() / original;
    int[] timesteps = new int[steps];
    for (int i = 0; i < steps; i++) {
      int fromEnd = (int) Math.floor(i * ((double) original / steps));
      timesteps[i] = (original - fromEnd) * stride - 1;
    }
    return timesteps;
  }

  @Override
  public Tensor step(Tensor modelOutput, int stepIndex, Tensor sample) {
    int t = timesteps[stepIndex];
    double alpha = alpha(t);
    double scaled = t * config.timestepScaling();
    double square = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
    double skip = SIGMA_DATA * SIGMA_DATA / square;
    double out = scaled / Math.sqrt(square);
    boolean last = stepIndex == timesteps.length - 1;
    return Scope.compute(
        () -> {
          Tensor denoised = CleanSample.blend(out, x0(modelOutput, alpha, sample), skip, sample);
          if (last) {
            return denoised;
          }
          double nextAlpha = alpha(timesteps[stepIndex + 1]);
          return CleanSample.blend(
              Math.sqrt(nextAlpha), denoised, Math.sqrt(1 - nextAlpha), noise.get());
        });
  }
}
