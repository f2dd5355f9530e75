package org.syntagen.tensor.optim;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.StateDict;

/** The gradients of a set of parameters. */
final class Gradients {
  private Gradients() {}

  /** Scales all gradients so that their joint L2 norm is at most {@code max}; returns the norm. */
  static double clip(StateDict parameters, double max) {
    Map<String, Double> squares = new ConcurrentHashMap<>();
    Slices.forEach(
        parameters.names(),
        name -> {
          Tensor gradient = parameters.get(name).grad();
          if (gradient.defined()) {
            squares.put(name, Math.pow(Ops.norm(gradient), 2));
          }
        });
    // Added up in the order of the names, whichever thread was first.
    double norm = Math.sqrt(new TreeMap<>(squares).values().stream().reduce(0.0, Double::sum));
    if (norm > max) {
      Slices.forEach(
          squares.keySet(),
          name -> Ops.scaleInPlace(parameters.get(name).grad(), max / (norm + 1e-6)));
    }
    return norm;
  }
}
