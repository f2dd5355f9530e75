package org.syntagen.segmentation;

import org.syntagen.dataset.InputException;

/**
 * How gradients move the weights over a run.
 *
 * @param optimizer the rule
 * @param learningRate at the start of the schedule
 * @param warmup fraction of the run in which the learning rate rises from 1 % to its full value, as
 *     networks without pretrained weights need at high rates; 0 for none
 * @param weightDecay pull towards zero: added to the gradients by SGD, decoupled in AdamW
 * @param backboneRate multiple of the learning rate in the backbone
 * @param auxiliaryRate multiple of the learning rate in the auxiliary head
 * @param gradientNorm joint L2 norm that larger gradients are scaled down to; 0 leaves them
 */
public record Optimization(
    Optimizer optimizer,
    double learningRate,
    double warmup,
    double weightDecay,
    double backboneRate,
    double auxiliaryRate,
    double gradientNorm) {
  private static final double MOST_RATE = 100;
  private static final double MOST_WARMUP = 0.5;

  /**
   * Checks the ranges.
   *
   * @throws InputException if a value is out of range
   */
  public Optimization {
    Ranges.require(
        learningRate > 0 && learningRate <= MOST_RATE,
        "learning rate",
        learningRate,
        "more than 0, at most 100");
    Ranges.require(
        warmup >= 0 && warmup <= MOST_WARMUP,
        "warm-up",
        warmup,
        "a fraction of the run from 0 to " + MOST_WARMUP);
    Ranges.require(weightDecay >= 0 && weightDecay <= 1, "weight decay", weightDecay, "0 to 1");
    Ranges.require(
        backboneRate >= 0 && backboneRate <= MOST_RATE, "backbone rate", backboneRate, "0 to 100");
    Ranges.require(
        auxiliaryRate >= 0 && auxiliaryRate <= MOST_RATE,
        "auxiliary rate",
        auxiliaryRate,
        "0 to 100");
    Ranges.require(
        gradientNorm >= 0 && gradientNorm < Double.POSITIVE_INFINITY,
        "gradient norm",
        gradientNorm,
        "0 (as they are) or more");
  }

  /** Multiple of the learning rate that a parameter moves at. */
  double rateFactor(String name) {
    if (DeepLabV3.isOfAuxHead(name)) {
      return auxiliaryRate;
    }
    return DeepLabV3.isOfBackbone(name) ? backboneRate : 1;
  }

  /** The norm that gradients are scaled down to. */
  double mostNorm() {
    return gradientNorm == 0 ? Double.POSITIVE_INFINITY : gradientNorm;
  }
}
