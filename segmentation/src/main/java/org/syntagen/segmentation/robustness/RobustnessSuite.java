package org.syntagen.segmentation.robustness;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.syntagen.dataset.LabelMap;
import org.syntagen.segmentation.EvaluationResult;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.LabeledImage;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Predictor;

/**
 * Measures a network on images that are corrupted, attacked, and given other backgrounds.
 *
 * @param evaluator scores labels
 * @param images to measure on
 * @param unfamiliar images that show none of the classes; their labels are not looked at
 * @param seed of everything random, so that all networks see the same images
 */
public record RobustnessSuite(
    Evaluator evaluator, LabeledImages images, Optional<LabeledImages> unfamiliar, long seed) {

  /** How many passes over the images a network is measured in, {@link #unfamiliar} aside. */
  public int passes() {
    return 1
        + Corruption.values().length * Corruption.SEVERITIES
        + Attack.ALL.size()
        + (images.size() > 1 ? 1 : 0);
  }

  /**
   * Measures a network.
   *
   * @param clean receives the images as they are with their labels
   * @param pass hears of every pass over the images
   */
  public RobustnessResult measure(
      Predictor predictor, BiConsumer<LabeledImage, LabelMap> clean, Runnable pass) {
    Passes passes = new Passes(predictor, pass);
    EvaluationResult unchanged = passes.evaluate(images, clean);
    Map<Corruption, List<Double>> corrupted = new EnumMap<>(Corruption.class);
    for (Corruption corruption : Corruption.values()) {
      List<Double> scores = new ArrayList<>();
      for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
        int strength = severity;
        scores.add(passes.miou(image -> corruption.apply(image, strength, seed)));
      }
      corrupted.put(corruption, scores);
    }
    Map<String, Double> attacked = new LinkedHashMap<>();
    for (Attack attack : Attack.ALL) {
      attacked.put(attack.id(), passes.miou(image -> passes.attacked(attack, image)));
    }
    Optional<Double> swapped =
        images.size() > 1
            ? Optional.of(passes.miou(new SwappedBackgrounds(images, seed)))
            : Optional.empty();
    return new RobustnessResult(
        unchanged,
        corrupted,
        attacked,
        swapped,
        unfamiliar.map(others -> separate(predictor, others)));
  }

  private RobustnessResult.Unfamiliar separate(Predictor predictor, LabeledImages others) {
    List<Predictor.Confidence> inside = confidences(predictor, images);
    List<Predictor.Confidence> outside = confidences(predictor, others);
    return new RobustnessResult.Unfamiliar(
        Separation.of(
            inside.stream().mapToDouble(Predictor.Confidence::probability).toArray(),
            outside.stream().mapToDouble(Predictor.Confidence::probability).toArray()),
        Separation.of(
            inside.stream().mapToDouble(Predictor.Confidence::logSumExp).toArray(),
            outside.stream().mapToDouble(Predictor.Confidence::logSumExp).toArray()));
  }

  private static List<Predictor.Confidence> confidences(Predictor predictor, LabeledImages images) {
    List<Predictor.Confidence> confidences = new ArrayList<>();
    images.forEach(image -> confidences.add(predictor.confidence(image)));
    return confidences;
  }

  /** The passes of one network. */
  private final class Passes {
    private final Predictor predictor;
    private final Runnable pass;

    private Passes(Predictor predictor, Runnable pass) {
      this.predictor = predictor;
      this.pass = pass;
    }

    private EvaluationResult evaluate(LabeledImages seen, BiConsumer<LabeledImage, LabelMap> each) {
      EvaluationResult result = evaluator.evaluate(predictor, seen, each);
      pass.run();
      return result;
    }

    /** One at a time, because a gradient takes the features of every layer in memory. */
    private synchronized LabeledImage attacked(Attack attack, LabeledImage image) {
      return attack.apply(predictor, image, seed);
    }

    private double miou(LabeledImages seen) {
      return evaluate(seen, (image, labels) -> {}).metrics().meanIou();
    }

    private double miou(UnaryOperator<LabeledImage> change) {
      return miou(images.changed(change));
    }
  }
}
