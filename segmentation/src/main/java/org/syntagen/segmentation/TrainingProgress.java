package org.syntagen.segmentation;

/**
 * Where a run stands after a step.
 *
 * @param iteration steps done
 * @param iterations steps after which the run ends unless its time is up before
 * @param done fraction of the run, 0 to 1, by whichever of iterations and time ends it first
 * @param loss of the step, auxiliary part included
 * @param learningRate of the step
 * @param waitingShare fraction of the time since this process started or resumed the run in which
 *     steps waited for images
 */
public record TrainingProgress(
    int iteration,
    int iterations,
    double done,
    double loss,
    double learningRate,
    double waitingShare) {

  /** Hears of every step, on the training thread. */
  @FunctionalInterface
  public interface Listener {
    void step(TrainingProgress progress);
  }
}
