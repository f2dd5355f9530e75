package org.syntagen.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;
import org.syntagen.segmentation.BoundaryIou;

/**
 * How good masks are, over a set of images with exact ones. Void in a mask counts as background,
 * void in an exact one not at all. Not thread-safe.
 */
final class LabelQuality {
  /** A class is shown by a mask that gives it this share of the pixels. */
  private static final double SHOWN = 0.001;

  private final ClassSet classes;
  private final ConfusionMatrix matrix;
  private final BoundaryIou boundary;
  private long images;
  private long pixels;
  private long unsure;
  private long found;
  private long claimed;
  private long there;

  LabelQuality(ClassSet classes) {
    this.classes = classes;
    this.matrix = new ConfusionMatrix(classes.size());
    this.boundary = new BoundaryIou(classes.size());
  }

  /**
   * Counts an image.
   *
   * @param labels as large as the truth
   */
  void add(LabelMap truth, LabelMap labels) {
    LabelMap decided = decided(labels);
    matrix.add(truth.labels(), decided.labels());
    boundary.add(truth, decided);
    images++;
    pixels += decided.labels().length;
    unsure += labels.histogram()[ClassSet.VOID];
    long[] made = decided.histogram();
    long[] exact = truth.histogram();
    double least = SHOWN * decided.labels().length;
    for (int label = 1; label < classes.size(); label++) {
      boolean isThere = exact[label] >= least;
      boolean isClaimed = made[label] >= least;
      there += isThere ? 1 : 0;
      claimed += isClaimed ? 1 : 0;
      found += isThere && isClaimed ? 1 : 0;
    }
  }

  /**
   * Checks that labels mean the same in both.
   *
   * @throws InputException if not
   */
  static void requireSameClasses(Dataset a, Dataset b) {
    if (!a.classes().names().equals(b.classes().names())) {
      throw new InputException(
          "%s and %s have other classes or another order of them (%s; %s); expected the same"
              .formatted(
                  a.folder(),
                  b.folder(),
                  String.join(", ", a.classes().names()),
                  String.join(", ", b.classes().names())));
    }
  }

  /** With void as background. */
  static LabelMap decided(LabelMap labels) {
    byte[] values = labels.labels().clone();
    for (int p = 0; p < values.length; p++) {
      if ((values[p] & 255) == ClassSet.VOID) {
        values[p] = 0;
      }
    }
    return new LabelMap(labels.width(), labels.height(), values);
  }

  /**
   * @throws InputException if nothing was counted, since all that is exact is void
   */
  Metrics metrics() {
    if (matrix.total() == 0) {
      throw new InputException(
          "every pixel of the exact masks is void; there is nothing to measure");
    }
    return Metrics.of(matrix, classes);
  }

  /** In percent. */
  double meanIou() {
    return 100 * metrics().meanIou();
  }

  /** In percent. */
  double boundaryIou() {
    return 100 * boundary.mean();
  }

  /** Of the classes that masks show, those that the exact ones show, in percent. */
  double presencePrecision() {
    return 100.0 * found / Math.max(1, claimed);
  }

  /** Of the classes that exact masks show, those that the masks show, in percent. */
  double presenceRecall() {
    return 100.0 * found / Math.max(1, there);
  }

  /** In percent of all pixels. */
  double voidShare() {
    return 100.0 * unsure / Math.max(1, pixels);
  }

  /** All figures in percent, by stable names. */
  Map<String, Object> toMap() {
    Metrics metrics = metrics();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("mIoU", meanIou());
    map.put("meanBoundaryIoU", boundaryIou());
    map.put("pixelAccuracy", 100 * metrics.pixelAccuracy());
    map.put("presencePrecision", presencePrecision());
    map.put("presenceRecall", presenceRecall());
    map.put("voidShare", voidShare());
    map.put("images", images);
    map.put("classIoU", EvaluateCommand.classIou(metrics, classes));
    return map;
  }
}
