package org.syntagen.diffusion.scheduler;

import org.syntagen.dataset.InputException;

/** The training timesteps that a run visits, noisiest first, rounded half to even as NumPy does. */
final class TimestepGrid {
  private TimestepGrid() {}

  /** Timesteps of DDIM and its kin, which end at the grid's first point. */
  static int[] inclusive(SchedulerConfig config, int steps) {
    return grid(config, steps, steps);
  }

  /** Timesteps of DPM-Solver and its kin, which drop the grid's first point. */
  static int[] exclusive(SchedulerConfig config, int steps) {
    return grid(config, steps, steps + 1);
  }

  /** As {@link #inclusive}, but linspace is not rounded. */
  static float[] fractional(SchedulerConfig config, int steps) {
    float[] timesteps = floats(inclusive(config, steps));
    if (config.spacing() == Spacing.LINSPACE && steps > 1) {
      double stride = (double) (config.trainTimesteps() - 1) / (steps - 1);
      for (int i = 0; i < steps; i++) {
        timesteps[i] = (float) ((steps - 1 - i) * stride);
      }
    }
    return timesteps;
  }

  private static int[] grid(SchedulerConfig config, int steps, int points) {
    int n = config.trainTimesteps();
    int stride = n / Math.max(1, points);
    // The noisiest visited timestep must exist.
    boolean leadingFits =
        config.spacing() != Spacing.LEADING
            || (stride > 0 && (points - 1) * (long) stride + config.stepsOffset() < n);
    if (steps < 1 || steps > n || !leadingFits) {
      throw new InputException(
          steps
              + " sampling steps do not fit a schedule of "
              + n
              + " timesteps with "
              + ConfigReader.name(config.spacing())
              + " spacing; choose fewer (and at least 1)");
    }
    int[] timesteps = new int[steps];
    for (int i = 0; i < steps; i++) {
      int fromStart = points - 1 - i;
      timesteps[i] =
          switch (config.spacing()) {
            case LEADING -> fromStart * stride + config.stepsOffset();
            case LINSPACE -> linspace(n - 1, points, fromStart);
            case TRAILING -> (int) Math.rint(n - i * ((double) n / steps)) - 1;
          };
    }
    return timesteps;
  }

  /** Point i of {@code points} from 0 to {@code last}. */
  private static int linspace(int last, int points, int i) {
    return points == 1 ? 0 : (int) Math.rint(i * ((double) last / (points - 1)));
  }

  static float[] floats(int[] timesteps) {
    float[] values = new float[timesteps.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = timesteps[i];
    }
    return values;
  }
}
