package org.syntagen.segmentation;

import java.util.function.BiConsumer;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;

/**
 * Measures a network on labelled images: one {@link ConfusionMatrix} over the set, at the images'
 * own sizes.
 *
 * @param classes of the masks; the network must tell as many apart
 * @param batchSize how many images of one size go through the network at once
 */
public record Evaluator(ClassSet classes, int batchSize) {
  /** How many images of one size go through the network at once where nothing else is said. */
  public static final int DEFAULT_BATCH = 8;

  /** Checks the batch size. */
  public Evaluator {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size must be positive, not " + batchSize);
    }
  }

  public Evaluator(ClassSet classes) {
    this(classes, DEFAULT_BATCH);
  }

  /**
   * Labels every image and scores the labels.
   *
   * @param each receives every image with the labels that the network gives it, in order
   * @throws InputException if there is no image, an image or mask is broken, every label is void,
   *     or the network has another number of classes
   */
  public EvaluationResult evaluate(
      Predictor predictor, LabeledImages images, BiConsumer<LabeledImage, LabelMap> each) {
    if (images.size() == 0) {
      throw new InputException("there is no image to evaluate on; expected at least one");
    }
    if (predictor.model().classes() != classes.size()) {
      throw new InputException(
          "the checkpoint tells %d classes apart, the masks have %d; train on the same class set"
              .formatted(predictor.model().classes(), classes.size()));
    }
    Run run = new Run();
    long start = System.nanoTime();
    predictor.predict(
        images,
        batchSize,
        (image, prediction) -> {
          run.count(image, prediction);
          each.accept(image, prediction.labels());
        });
    if (run.network.total() == 0) {
      throw new InputException("every pixel of the masks is void; there is nothing to measure");
    }
    return new EvaluationResult(
        run.network,
        Metrics.of(run.network, classes),
        Metrics.of(run.background, classes),
        run.boundary,
        run.calibration,
        images.size(),
        (System.nanoTime() - start) / 1e9);
  }

  /** The counts of one evaluation. */
  private final class Run {
    private final ConfusionMatrix network = new ConfusionMatrix(classes.size());
    private final ConfusionMatrix background = new ConfusionMatrix(classes.size());
    private final BoundaryIou boundary = new BoundaryIou(classes.size());
    private final Calibration calibration = new Calibration();

    private void count(LabeledImage image, Predictor.Prediction prediction) {
      byte[] labels = prediction.labels().labels();
      try {
        network.add(image.labels(), labels);
      } catch (IllegalArgumentException e) {
        throw new InputException("the mask of " + image.id() + ": " + e.getMessage(), e);
      }
      background.add(image.labels(), new byte[labels.length]);
      boundary.add(image.mask(), prediction.labels());
      calibration.add(image.labels(), labels, prediction.probabilities());
    }
  }
}
