package org.syntagen.tensor.optim;

import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.StateDict;

/**
 * Exponential moving average of weights. The decay warms up as min(decay, (1 + step) / (10 +
 * step)), so that the first averages are not dominated by the random start.
 */
public final class WeightAverage {
  private final StateDict average;
  private final double decay;

  /**
   * @param start the average so far: a writable copy of the weights, or the one of an earlier run
   */
  public WeightAverage(StateDict start, double decay) {
    this.average = start;
    this.decay = decay;
  }

  /** A new average that starts at the weights themselves. */
  public static WeightAverage startingAt(StateDict weights, double decay) {
    try (NoGrad noGrad = new NoGrad()) {
      return new WeightAverage(weights.copy(Dtype.F32), decay);
    }
  }

  public StateDict average() {
    return average;
  }

  /** Moves the average towards {@code weights} after the given step (from 1). */
  public void update(StateDict weights, long step) {
    double rate = 1 - Math.min(decay, (1.0 + step) / (10.0 + step));
    Slices.forEach(
        average.names(), name -> Ops.lerpInPlace(average.get(name), weights.get(name), rate));
  }
}
