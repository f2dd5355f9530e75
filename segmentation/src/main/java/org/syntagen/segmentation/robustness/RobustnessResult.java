package org.syntagen.segmentation.robustness;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syntagen.segmentation.EvaluationResult;

/**
 * What a network keeps of its score.
 *
 * @param clean on the images as they are
 * @param corrupted mIoU of each severity, 1 first, on corrupted images
 * @param attacked mIoU under each attack, by its id
 * @param swapped mIoU before other backgrounds; empty for a single image
 * @param unfamiliar how unfamiliar images are told apart; empty without such
 */
public record RobustnessResult(
    EvaluationResult clean,
    Map<Corruption, List<Double>> corrupted,
    Map<String, Double> attacked,
    Optional<Double> swapped,
    Optional<Unfamiliar> unfamiliar) {

  /**
   * How scores of an image, means over its pixels, tell familiar images from others.
   *
   * @param probability of the best class
   * @param energy log-sum-exp of the class scores: the negative energy of Liu et al. 2020
   */
  public record Unfamiliar(Separation probability, Separation energy) {}

  /** mIoU on the images as they are. */
  public double cleanMiou() {
    return clean.metrics().meanIou();
  }

  /** The mean mIoU over the severities of a corruption. */
  public double mean(Corruption corruption) {
    return corrupted.get(corruption).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }

  /** The mean mIoU over all corruptions. */
  public double mean() {
    return corrupted.keySet().stream().mapToDouble(this::mean).average().orElseThrow();
  }

  /** The part of the clean score that is lost where another remains, 0 for none; NaN of nothing. */
  public double degradation(double miou) {
    return 1 - miou / cleanMiou();
  }
}
