package org.syntagen.segmentation;

import java.util.Locale;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.optim.AdamW;
import org.syntagen.tensor.optim.Sgd;

/** A rule by which gradients move weights. */
public enum Optimizer {
  /** Stochastic gradient descent with momentum 0.9. */
  SGD {
    @Override
    Update bind(DeepLabV3 model, StateDict state, Optimization how) {
      Sgd sgd = new Sgd(model.parameters(), how::rateFactor, state, MOMENTUM, how.weightDecay());
      return (step, learningRate) -> sgd.step(learningRate, how.mostNorm());
    }
  },
  /**
   * AdamW with β 0.9 and 0.999, for short runs from random weights, in which SGD hardly moves
   * MobileNetV3.
   */
  ADAMW {
    @Override
    Update bind(DeepLabV3 model, StateDict state, Optimization how) {
      AdamW adam = new AdamW(model.parameters(), how::rateFactor, state, how.weightDecay());
      return (step, learningRate) -> adam.step(step, learningRate, how.mostNorm());
    }
  };

  private static final double MOMENTUM = 0.9;

  /** An optimiser of a certain model. */
  @FunctionalInterface
  interface Update {
    /**
     * Moves the weights by their gradients and frees these.
     *
     * @param step from 1
     */
    void apply(long step, double learningRate);
  }

  /**
   * The optimiser of a model.
   *
   * @param state its tensors from an earlier run, or an empty dictionary that receives them
   */
  abstract Update bind(DeepLabV3 model, StateDict state, Optimization how);

  /** The lower-case name for flags and files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The optimiser of that {@link #id}.
   *
   * @throws InputException if there is none
   */
  public static Optimizer named(String name) {
    for (Optimizer optimizer : values()) {
      if (optimizer.id().equals(name.strip().toLowerCase(Locale.ROOT))) {
        return optimizer;
      }
    }
    throw new InputException("there is no optimizer \"%s\"; choose sgd or adamw".formatted(name));
  }
}
