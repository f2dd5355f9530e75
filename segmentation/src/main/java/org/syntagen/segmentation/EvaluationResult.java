package org.syntagen.segmentation;

import java.util.List;
import org.syntagen.dataset.LabelMap;

/**
 * How well a network labels a set of images.
 *
 * @param metrics of the network
 * @param baseline of calling every pixel of the same images background
 * @param images how many were labelled
 * @param seconds that labelling took
 * @param predictions of the first images of the set, for pictures
 */
public record EvaluationResult(
    Metrics metrics, Metrics baseline, int images, double seconds, List<Prediction> predictions) {

  /**
   * A prediction beside its image.
   *
   * @param image the image with its true labels
   * @param labels what the network says, at the size of the image
   */
  public record Prediction(LabeledImage image, LabelMap labels) {}

  /** Copies the list. */
  public EvaluationResult {
    predictions = List.copyOf(predictions);
  }
}
