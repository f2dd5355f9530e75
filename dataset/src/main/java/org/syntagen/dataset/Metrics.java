package org.syntagen.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/**
 * What a {@link ConfusionMatrix} says, as fractions of 1. A class that neither the truth nor the
 * prediction shows has no score and is left out of means, as the challenges on PASCAL VOC do.
 *
 * @param classes scores of each label, in order
 * @param pixelAccuracy fraction of pixels that are labelled right
 * @param meanAccuracy mean over classes in the truth of the fraction of their pixels labelled right
 * @param meanIou mean intersection over union over the classes that have one, background included
 * @param frequencyWeightedIou mean intersection over union weighted by the classes' true area
 */
public record Metrics(
    List<ClassScore> classes,
    double pixelAccuracy,
    double meanAccuracy,
    double meanIou,
    double frequencyWeightedIou) {

  /**
   * The score of one class.
   *
   * @param iou right pixels over the pixels that truth or prediction give to the class; empty if
   *     neither shows it
   * @param truthPixels its area in the truth
   * @param predictedPixels its area in the prediction
   */
  public record ClassScore(
      String name, OptionalDouble iou, long truthPixels, long predictedPixels) {}

  /** Copies the list. */
  public Metrics {
    classes = List.copyOf(classes);
  }

  /**
   * Scores the pixels counted so far.
   *
   * @throws IllegalArgumentException if there are none, or the classes are not the matrix's
   */
  public static Metrics of(ConfusionMatrix matrix, ClassSet classes) {
    if (classes.size() != matrix.classes()) {
      throw new IllegalArgumentException(
          "%d classes for a matrix of %d".formatted(classes.size(), matrix.classes()));
    }
    if (matrix.total() == 0) {
      throw new IllegalArgumentException("no pixel was counted: every true label is void");
    }
    List<ClassScore> scores = new ArrayList<>();
    DoubleStream.Builder recalls = DoubleStream.builder();
    double right = 0;
    for (int label = 0; label < matrix.classes(); label++) {
      long hit = matrix.count(label, label);
      long truth = matrix.truth(label);
      long predicted = matrix.prediction(label);
      long union = truth + predicted - hit;
      OptionalDouble iou =
          union == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) hit / union);
      scores.add(new ClassScore(classes.name(label), iou, truth, predicted));
      if (truth > 0) {
        recalls.add((double) hit / truth);
      }
      right += hit;
    }
    return new Metrics(
        scores,
        right / matrix.total(),
        recalls.build().average().orElseThrow(),
        scores.stream().flatMapToDouble(score -> score.iou().stream()).average().orElseThrow(),
        weighted(scores, score -> score.iou().orElse(0)) / matrix.total());
  }

  private static double weighted(List<ClassScore> scores, ToDoubleFunction<ClassScore> value) {
    return scores.stream().mapToDouble(s -> s.truthPixels() * value.applyAsDouble(s)).sum();
  }
}
