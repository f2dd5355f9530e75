package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.syntagen.dataset.ClassSet;
import org.syntagen.tensor.StateDict;

/**
 * Everything that a run carries from one step to the next. It owns the model until {@link #finish}
 * hands it over.
 */
final class TrainingState implements AutoCloseable {
  private final DeepLabV3 model;
  private final StateDict optimizer;
  private final List<TrainingResult.Point> history;
  private double seconds;

  TrainingState(
      DeepLabV3 model, StateDict optimizer, List<TrainingResult.Point> history, double seconds) {
    this.model = model;
    this.optimizer = optimizer;
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
    return new TrainingState(model, new StateDict("optimizer"), List.of(), 0);
  }

  DeepLabV3 model() {
    return model;
  }

  /** The optimiser's tensors. */
  StateDict optimizer() {
    return optimizer;
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

  void add(double loss, double learningRate, double secondsSoFar) {
    history.add(new TrainingResult.Point(history.size() + 1, loss, learningRate));
    seconds = secondsSoFar;
  }

  /** Frees the optimiser's tensors and gives the model to the caller. */
  TrainingResult finish() {
    optimizer.close();
    return new TrainingResult(model, history, seconds);
  }

  @Override
  public void close() {
    optimizer.close();
    model.close();
  }
}
