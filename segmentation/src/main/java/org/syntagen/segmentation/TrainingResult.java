package org.syntagen.segmentation;

import java.util.List;

/**
 * A finished run. The model belongs to the caller; {@link #close} frees it.
 *
 * @param model the trained network
 * @param history every step of the run
 * @param seconds that the run took, over all processes that worked on it
 */
public record TrainingResult(DeepLabV3 model, List<Point> history, double seconds)
    implements AutoCloseable {

  /**
   * One step of the loss curve.
   *
   * @param iteration from 1
   */
  public record Point(int iteration, double loss, double learningRate) {}

  /** Copies the list. */
  public TrainingResult {
    history = List.copyOf(history);
  }

  /** Steps that were done. */
  public int iterations() {
    return history.size();
  }

  @Override
  public void close() {
    model.close();
  }
}
