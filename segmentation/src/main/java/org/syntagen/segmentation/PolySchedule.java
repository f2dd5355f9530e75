package org.syntagen.segmentation;

/**
 * The learning rate over a run: a linear rise from 1 % of the base rate, then polynomial decay to
 * zero, {@code (1 − progress)^0.9}.
 *
 * @param base the highest rate
 * @param warmup fraction of the run that the rise takes, 0 for none
 */
record PolySchedule(double base, double warmup) {
  private static final double POWER = 0.9;
  private static final double WARMUP_START = 0.01;

  /**
   * The rate of a step.
   *
   * @param done fraction of the run that lies before the step, 0 to 1
   */
  double rate(double done) {
    if (done < warmup) {
      return base * (WARMUP_START + (1 - WARMUP_START) * done / warmup);
    }
    double decayed = Math.min(1, (done - warmup) / (1 - warmup));
    return base * Math.pow(1 - decayed, POWER);
  }
}
