package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.optim.WeightAverage;

/**
 * Everything that a run carries from one step to the next. It owns the model until {@link #finish}
 * hands it over.
 */
final class TrainingState implements AutoCloseable {
  private final DeepLabV3 model;
  private final StateDict optimizer;
  private final Optional<WeightAverage> average;
  private final List<TrainingResult.Point> history;
  private double seconds;

  TrainingState(
      DeepLabV3 model,
      StateDict optimizer,
      Optional<WeightAverage> average,
      List<TrainingResult.Point> history,
      double seconds) {
    this.model = model;
    this.optimizer = optimizer;
    this.average = average;
    this.history = new ArrayList<>(history);
    this.seconds = seconds;
  }

  /** The beginning of a run. */
  static TrainingState start(TrainingConfig config, ClassSet classes) {
    DeepLabV3 model = DeepLabV3.random(config.backbone(), classes.size(), config.seed());
    try {
      config.start().copyInto(model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
    Optional<WeightAverage> average =
        config.averageDecay() == 0
            ? Optional.empty()
            : Optional.of(new WeightAverage(floating(model.state()), config.averageDecay()));
    return new TrainingState(model, new StateDict("optimizer"), average, List.of(), 0);
  }

  /** A copy of the tensors that have a mean: all but counters. */
  private static StateDict floating(StateDict weights) {
    StateDict floating = new StateDict("average");
    for (String name : weights.names()) {
      Tensor tensor = weights.get(name);
      if (Dtype.of(tensor).floating()) {
        floating.put(name, Scope.compute(() -> Tensors.copy(tensor.detach(), Dtype.of(tensor))));
      }
    }
    return floating;
  }

  DeepLabV3 model() {
    return model;
  }

  /** The optimiser's tensors. */
  StateDict optimizer() {
    return optimizer;
  }

  /** The moving average of the weights, if there is one. */
  Optional<StateDict> average() {
    return average.map(WeightAverage::average);
  }

  List<TrainingResult.Point> history() {
    return history;
  }

  TrainingResult.Point last() {
    return history.get(history.size() - 1);
  }

  /** Steps done. */
  int iteration() {
    return history.size();
  }

  /** Time spent on the steps done. */
  double seconds() {
    return seconds;
  }

  /** Records a step after which the weights have moved. */
  void add(double loss, double learningRate, double secondsSoFar) {
    history.add(new TrainingResult.Point(history.size() + 1, loss, learningRate));
    average.ifPresent(mean -> mean.update(model.state(), history.size()));
    seconds = secondsSoFar;
  }

  /**
   * Frees the optimiser's tensors and gives the model to the caller, with its average weights if
   * there are such.
   */
  TrainingResult finish() {
    optimizer.close();
    average()
        .ifPresent(
            mean -> {
              try (NoGrad noGrad = new NoGrad()) {
                mean.names().forEach(name -> model.state().get(name).copy_(mean.get(name)));
              }
              mean.close();
            });
    return new TrainingResult(model, history, seconds);
  }

  @Override
  public void close() {
    optimizer.close();
    average().ifPresent(StateDict::close);
    model.close();
  }
}
