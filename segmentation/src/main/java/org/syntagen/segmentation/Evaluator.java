package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;

/**
 * Measures a network on labelled images: one {@link ConfusionMatrix} over the set, at the images'
 * own sizes.
 *
 * @param classes of the masks; the network must tell as many apart
 * @param shorterSide pixels that images are resized to for the network, 0 to leave them as they are
 * @param batchSize how many images of one size go through the network at once
 */
public record Evaluator(ClassSet classes, int shorterSide, int batchSize) {
  private static final int DEFAULT_BATCH = 8;

  /** Checks the batch size. */
  public Evaluator {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size must be positive, not " + batchSize);
    }
  }

  public Evaluator(ClassSet classes, int shorterSide) {
    this(classes, shorterSide, DEFAULT_BATCH);
  }

  /**
   * Labels every image and scores the labels.
   *
   * @param pictures how many predictions to return, those of the first images
   * @param progress receives the number of images done
   * @throws InputException if there is no image, an image or mask is broken, every label is void,
   *     or the network has another number of classes
   */
  public EvaluationResult evaluate(
      DeepLabV3 model, LabeledImages images, int pictures, IntConsumer progress) {
    if (images.size() == 0) {
      throw new InputException("there is no image to evaluate on; expected at least one");
    }
    if (model.classes() != classes.size()) {
      throw new InputException(
          "the checkpoint tells %d classes apart, the masks have %d; train on the same class set"
              .formatted(model.classes(), classes.size()));
    }
    Run run = new Run(new Predictor(model, shorterSide), pictures);
    long start = System.nanoTime();
    List<LabeledImage> waiting = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      LabeledImage image = images.load(i);
      if (!waiting.isEmpty() && (waiting.size() == batchSize || !sameSize(waiting.get(0), image))) {
        run.score(waiting);
        waiting.clear();
        progress.accept(i);
      }
      waiting.add(image);
    }
    run.score(waiting);
    progress.accept(images.size());
    if (run.network.total() == 0) {
      throw new InputException("every pixel of the masks is void; there is nothing to measure");
    }
    return new EvaluationResult(
        Metrics.of(run.network, classes),
        Metrics.of(run.background, classes),
        images.size(),
        (System.nanoTime() - start) / 1e9,
        run.predictions);
  }

  private static boolean sameSize(LabeledImage a, LabeledImage b) {
    return a.width() == b.width() && a.height() == b.height();
  }

  /** The counts of one evaluation. */
  private final class Run {
    private final Predictor predictor;
    private final int pictures;
    private final ConfusionMatrix network = new ConfusionMatrix(classes.size());
    private final ConfusionMatrix background = new ConfusionMatrix(classes.size());
    private final List<EvaluationResult.Prediction> predictions = new ArrayList<>();

    private Run(Predictor predictor, int pictures) {
      this.predictor = predictor;
      this.pictures = pictures;
    }

    private void score(List<LabeledImage> images) {
      List<LabelMap> labels = predictor.predict(images);
      for (int i = 0; i < images.size(); i++) {
        LabeledImage image = images.get(i);
        count(image, labels.get(i));
        if (predictions.size() < pictures) {
          predictions.add(new EvaluationResult.Prediction(image, labels.get(i)));
        }
      }
    }

    private void count(LabeledImage image, LabelMap labels) {
      try {
        network.add(image.labels(), labels.labels());
        background.add(image.labels(), new byte[image.labels().length]);
      } catch (IllegalArgumentException e) {
        throw new InputException("the mask of " + image.id() + ": " + e.getMessage(), e);
      }
    }
  }
}
