package org.syntagen.diffusion.scheduler;

import java.util.function.DoubleUnaryOperator;

/**
 * Noise levels of a multistep run.
 *
 * @param timesteps noisiest first
 * @param sigmas the level of each timestep and, last, the level that the run ends at
 */
record SigmaGrid(int[] timesteps, double[] sigmas) {
  /** Curvature of Karras et al. (2022), section 3. */
  private static final double RHO = 7;

  /** Stands for ᾱ = 0 (a schedule with zero terminal SNR), so that σ stays finite. */
  private static final double LEAST_ALPHA = 0x1p-24;

  static SigmaGrid of(SchedulerConfig config, int steps) {
    float[] alphas = new NoiseSchedule(config).alphasCumprod();
    double[] table = new double[alphas.length]; // σ of each training timestep, rising
    for (int t = 0; t < table.length; t++) {
      double alpha = Math.max(alphas[t], LEAST_ALPHA);
      table[t] = (float) Math.sqrt((1 - alpha) / alpha);
    }
    int[] timesteps = TimestepGrid.exclusive(config, steps);
    double[] sigmas = new double[steps + 1];
    if (config.karrasSigmas()) {
      spread(sigmas, table, sigma -> Math.pow(sigma, 1 / RHO), root -> Math.pow(root, RHO));
    } else if (config.luLambdas()) {
      spread(sigmas, table, Math::log, Math::exp);
    }
    for (int i = 0; i < steps; i++) {
      if (config.karrasSigmas() || config.luLambdas()) {
        timesteps[i] = nearest(table, sigmas[i]);
        sigmas[i] = (float) sigmas[i];
      } else {
        sigmas[i] = table[timesteps[i]];
      }
    }
    sigmas[steps] = config.finalSigma() == FinalSigma.ZERO ? 0 : table[0];
    return new SigmaGrid(timesteps, sigmas);
  }

  /** Fills all but the last element with levels from the highest to the lowest, even on a scale. */
  private static void spread(
      double[] sigmas, double[] table, DoubleUnaryOperator scale, DoubleUnaryOperator inverse) {
    int n = sigmas.length - 1;
    double low = scale.applyAsDouble(table[0]);
    double high = scale.applyAsDouble(table[table.length - 1]);
    for (int i = 0; i < n; i++) {
      double ramp = n == 1 ? 0 : (double) i / (n - 1);
      sigmas[i] = inverse.applyAsDouble(high + ramp * (low - high));
    }
  }

  /** The timestep of a level, interpolated in log σ and rounded half to even. */
  private static int nearest(double[] table, double sigma) {
    int low = 0;
    while (low < table.length - 2 && table[low + 1] <= sigma) {
      low++;
    }
    if (table.length == 1) {
      return 0;
    }
    double logLow = Math.log(table[low]);
    double weight = (Math.log(sigma) - logLow) / (Math.log(table[low + 1]) - logLow);
    return (int) Math.rint(low + Math.min(1, Math.max(0, weight)));
  }
}
