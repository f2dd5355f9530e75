package org.syntagen.segmentation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.optim.AdamW;
import org.syntagen.tensor.optim.Sgd;

/** How gradients move the weights. */
public enum Optimizer {
  /**
   * torchvision's published choice: momentum 0.9, weight decay 1e-4, ten times the learning rate in
   * the auxiliary head.
   */
  SGD {
    @Override
    Update bind(DeepLabV3 model, StateDict state) {
      Map<String, Tensor> aux = new LinkedHashMap<>();
      Map<String, Tensor> others = new LinkedHashMap<>();
      model
          .parameters()
          .forEach(
              (name, tensor) -> (DeepLabV3.isOfAuxHead(name) ? aux : others).put(name, tensor));
      List<Sgd.Group> groups = List.of(new Sgd.Group(others, 1), new Sgd.Group(aux, AUX_RATE));
      Sgd sgd = new Sgd(groups, state, MOMENTUM, SGD_DECAY);
      return (step, learningRate) -> sgd.step(learningRate);
    }
  },
  /**
   * AdamW with decoupled weight decay 0.01, gradients of norm at most 5 and one learning rate, for
   * short runs from random weights, in which SGD hardly moves MobileNetV3.
   */
  ADAMW {
    @Override
    Update bind(DeepLabV3 model, StateDict state) {
      AdamW adam = new AdamW(model.state(), state, ADAM_DECAY);
      return (step, learningRate) -> adam.step(step, learningRate, MOST_NORM);
    }
  };

  private static final double MOMENTUM = 0.9;
  private static final double SGD_DECAY = 1e-4;
  private static final double AUX_RATE = 10;
  private static final double ADAM_DECAY = 0.01;
  private static final double MOST_NORM = 5;

  /** An optimiser of a certain model. */
  @FunctionalInterface
  interface Update {
    /**
     * Moves the weights by their gradients and clears these.
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
  abstract Update bind(DeepLabV3 model, StateDict state);

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
