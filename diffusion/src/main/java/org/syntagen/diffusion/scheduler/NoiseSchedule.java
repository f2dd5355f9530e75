package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * The noise levels of training: ᾱ[t] is the share of signal variance left at timestep t, so that a
 * noised sample is √ᾱ·x0 + √(1−ᾱ)·ε (Ho et al., 2020). Rounded to 32-bit floats where PyTorch does.
 * Immutable and thread-safe; results belong to the open {@link Scope}.
 */
public final class NoiseSchedule {
  private final float[] alphasCumprod;

  public NoiseSchedule(SchedulerConfig config) {
    float[] betas = betas(config);
    alphasCumprod = new float[betas.length];
    // PyTorch's cumprod of floats accumulates in double and rounds each element.
    double product = 1;
    for (int t = 0; t < betas.length; t++) {
      product *= 1f - betas[t];
      alphasCumprod[t] = (float) product;
    }
    if (config.zeroTerminalSnr()) {
      removeLastSignal(alphasCumprod);
    }
  }

  private static float[] betas(SchedulerConfig config) {
    int n = config.trainTimesteps();
    if (config.betaSchedule() == BetaSchedule.LINEAR) {
      return linspace((float) config.betaStart(), (float) config.betaEnd(), n);
    }
    float[] betas =
        linspace((float) Math.sqrt(config.betaStart()), (float) Math.sqrt(config.betaEnd()), n);
    for (int t = 0; t < n; t++) {
      betas[t] *= betas[t];
    }
    return betas;
  }

  /** As torch.linspace: each half counts from its own end. */
  private static float[] linspace(float start, float end, int n) {
    float[] values = new float[n];
    float step = n == 1 ? 0 : (end - start) / (n - 1);
    for (int i = 0; i < n; i++) {
      values[i] = i < n / 2 ? start + step * i : end - step * (n - 1 - i);
    }
    if (n == 1) {
      values[0] = start;
    }
    return values;
  }

  /** Shifts and scales √ᾱ so that the first value stays and the last becomes zero. */
  private static void removeLastSignal(float[] alphas) {
    double first = Math.sqrt(alphas[0]);
    double last = Math.sqrt(alphas[alphas.length - 1]);
    for (int t = 0; t < alphas.length; t++) {
      double shifted = first == last ? 0 : (Math.sqrt(alphas[t]) - last) * first / (first - last);
      alphas[t] = (float) (shifted * shifted);
    }
  }

  /** Number of timesteps in training. */
  public int size() {
    return alphasCumprod.length;
  }

  /** A copy of ᾱ, from the cleanest timestep to the noisiest. */
  public float[] alphasCumprod() {
    return alphasCumprod.clone();
  }

  /** ᾱ at timestep t. */
  public float alphaCumprod(long t) {
    if (t < 0 || t >= alphasCumprod.length) {
      throw new IllegalArgumentException(
          "timestep must be 0 to " + (alphasCumprod.length - 1) + ", not " + t);
    }
    return alphasCumprod[(int) t];
  }

  /** Signal-to-noise ratio ᾱ/(1−ᾱ) at timestep t. */
  public double snr(int t) {
    double alpha = alphaCumprod(t);
    return alpha / (1 - alpha);
  }

  /**
   * Variance of q(x'|x, x0), where x has the share ᾱ of signal and x' more (Ho et al., 2020, eq.
   * 7).
   */
  static double posteriorVariance(double alpha, double nextAlpha) {
    return (1 - nextAlpha) / (1 - alpha) * (1 - ratio(alpha, nextAlpha));
  }

  /** ᾱ/ᾱ', in 32 bits because the reference takes small differences of it. */
  static double ratio(double alpha, double nextAlpha) {
    return (float) (alpha / nextAlpha);
  }

  /** Noise level √((1−ᾱ)/ᾱ) at timestep t, relative to a signal of unit scale. */
  public double sigma(int t) {
    float alpha = alphaCumprod(t);
    return Math.sqrt((1f - alpha) / alpha);
  }

  /**
   * √ᾱ·x0 + √(1−ᾱ)·noise.
   *
   * @param x0 [batch, …]
   * @param noise as x0
   * @param timesteps one a batch item
   */
  public Tensor addNoise(Tensor x0, Tensor noise, long[] timesteps) {
    return Scope.compute(
        () -> x0.mul(signal(x0, timesteps)).add(noise.mul(noiseScale(x0, timesteps))));
  }

  /** √ᾱ·noise − √(1−ᾱ)·x0, what a v-predicting model learns; arguments as {@link #addNoise}. */
  public Tensor velocity(Tensor x0, Tensor noise, long[] timesteps) {
    return Scope.compute(
        () -> noise.mul(signal(x0, timesteps)).sub(x0.mul(noiseScale(x0, timesteps))));
  }

  /** √ᾱ as [batch, 1, …], of x's type and device. */
  private Tensor signal(Tensor x, long[] timesteps) {
    float[] factors = new float[timesteps.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = (float) Math.sqrt(alphaCumprod(timesteps[i]));
    }
    return perItem(x, factors);
  }

  /** √(1−ᾱ) as [batch, 1, …], of x's type and device. */
  private Tensor noiseScale(Tensor x, long[] timesteps) {
    float[] factors = new float[timesteps.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = (float) Math.sqrt(1f - alphaCumprod(timesteps[i]));
    }
    return perItem(x, factors);
  }

  private static Tensor perItem(Tensor x, float[] factors) {
    long[] shape = Tensors.shape(x);
    if (shape.length == 0 || shape[0] != factors.length) {
      throw new IllegalArgumentException(
          factors.length + " timesteps for a batch of " + (shape.length == 0 ? 0 : shape[0]));
    }
    for (int d = 1; d < shape.length; d++) {
      shape[d] = 1;
    }
    return Tensors.of(factors, shape).to(x);
  }
}
