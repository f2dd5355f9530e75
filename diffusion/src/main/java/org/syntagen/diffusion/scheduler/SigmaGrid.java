package org.syntagen.diffusion.scheduler;

import java.util.function.DoubleUnaryOperator;

/**
 * Noise levels of a run, as the ratio σ of noise to signal.
 *
 * @param timesteps noisiest first
 * @param sigmas the level of each timestep and, last, the level that the run ends at
 */
record SigmaGrid(float[] timesteps, double[] sigmas) {
  /** Curvature of Karras et al. (2022), section 3. */
  private static final double RHO = 7;

  /** Stands for ᾱ = 0 (a schedule with zero terminal SNR), so that σ stays finite. */
  private static final float LEAST_ALPHA = 0x1p-24f;

  /**
   * Whole timesteps without the grid's first point, as DPM-Solver and UniPC visit them; Karras' and
   * Lu's levels span all those of training, and their timesteps are rounded.
   */
  static SigmaGrid whole(SchedulerConfig config, int steps) {
    double[] table = table(config);
    int[] timesteps = TimestepGrid.exclusive(config, steps);
    double[] sigmas = new double[steps + 1];
    double low = table[0];
    double high = table[table.length - 1];
    if (config.karrasSigmas()) {
      spreadKarras(sigmas, high, low);
    } else if (config.luLambdas()) {
      spread(sigmas, high, low, Math::log, Math::exp);
    }
    for (int i = 0; i < steps; i++) {
      if (config.karrasSigmas() || config.luLambdas()) {
        timesteps[i] = (int) Math.rint(timestep(table, sigmas[i]));
        sigmas[i] = (float) sigmas[i];
      } else {
        sigmas[i] = table[timesteps[i]];
      }
    }
    sigmas[steps] = config.finalSigma() == FinalSigma.ZERO ? 0 : table[0];
    return new SigmaGrid(TimestepGrid.floats(timesteps), sigmas);
  }

  /**
   * Timesteps with the grid's first point, which need not be whole: σ between two of them is
   * interpolated. Karras' levels span those of the grid.
   */
  static SigmaGrid fractional(SchedulerConfig config, int steps, FinalSigma finalSigma) {
    double[] table = table(config);
    float[] timesteps = TimestepGrid.fractional(config, steps);
    double[] sigmas = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      sigmas[i] = level(table, timesteps[i]);
    }
    if (config.karrasSigmas()) {
      spreadKarras(sigmas, sigmas[0], sigmas[steps - 1]);
    }
    for (int i = 0; i < steps; i++) {
      if (config.karrasSigmas()) {
        timesteps[i] = (float) timestep(table, sigmas[i]);
      }
      sigmas[i] = (float) sigmas[i];
    }
    sigmas[steps] = finalSigma == FinalSigma.ZERO ? 0 : table[0];
    return new SigmaGrid(timesteps, sigmas);
  }

  /** σ of each training timestep, rising. */
  private static double[] table(SchedulerConfig config) {
    float[] alphas = new NoiseSchedule(config).alphasCumprod();
    double[] table = new double[alphas.length];
    for (int t = 0; t < table.length; t++) {
      float alpha = Math.max(alphas[t], LEAST_ALPHA);
      table[t] = (float) Math.sqrt((1f - alpha) / alpha);
    }
    return table;
  }

  private static void spreadKarras(double[] sigmas, double high, double low) {
    spread(sigmas, high, low, sigma -> Math.pow(sigma, 1 / RHO), root -> Math.pow(root, RHO));
  }

  /** Fills all but the last element with levels from high to low, even on a scale. */
  private static void spread(
      double[] sigmas,
      double high,
      double low,
      DoubleUnaryOperator scale,
      DoubleUnaryOperator inverse) {
    int n = sigmas.length - 1;
    double first = scale.applyAsDouble(high);
    double last = scale.applyAsDouble(low);
    for (int i = 0; i < n; i++) {
      double ramp = n == 1 ? 0 : (double) i / (n - 1);
      sigmas[i] = inverse.applyAsDouble(first + ramp * (last - first));
    }
  }

  /** The level of a timestep, interpolated in σ. */
  private static double level(double[] table, double timestep) {
    int low = (int) timestep;
    double weight = timestep - low;
    return weight == 0 ? table[low] : table[low] + weight * (table[low + 1] - table[low]);
  }

  /** The timestep of a level, interpolated in log σ. */
  private static double timestep(double[] table, double sigma) {
    int low = 0;
    while (low < table.length - 2 && table[low + 1] <= sigma) {
      low++;
    }
    if (table.length == 1) {
      return 0;
    }
    double logLow = Math.log(table[low]);
    double weight = (Math.log(sigma) - logLow) / (Math.log(table[low + 1]) - logLow);
    return low + Math.min(1, Math.max(0, weight));
  }
}
