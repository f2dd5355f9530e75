package org.syntagen.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;
import org.syntagen.segmentation.LabeledImage;

/** Collects the images with the best and with the worst labels. */
final class Extremes {
  private static final int SHOWN = 6;

  /**
   * An image with its labels.
   *
   * @param miou over the classes of the image, 0 to 1
   */
  record Labelled(LabeledImage image, LabelMap labels, double miou) {}

  private static final Comparator<Labelled> RISING = Comparator.comparingDouble(Labelled::miou);

  private final ClassSet classes;
  private final PriorityQueue<Labelled> best = new PriorityQueue<>(RISING);
  private final PriorityQueue<Labelled> worst = new PriorityQueue<>(RISING.reversed());

  Extremes(ClassSet classes) {
    this.classes = classes;
  }

  /** Looks at an image; one whose truth is all void is passed over. */
  void add(LabeledImage image, LabelMap labels) {
    if (!image.isLabelled()) {
      return;
    }
    ConfusionMatrix matrix = new ConfusionMatrix(classes.size());
    matrix.add(image.labels(), labels.labels());
    Labelled labelled = new Labelled(image, labels, Metrics.of(matrix, classes).meanIou());
    keep(best, labelled);
    keep(worst, labelled);
  }

  private static void keep(PriorityQueue<Labelled> queue, Labelled labelled) {
    queue.add(labelled);
    if (queue.size() > SHOWN) {
      queue.remove();
    }
  }

  /** The best first. */
  List<Labelled> best() {
    return sorted(best, RISING.reversed());
  }

  /** The worst first. */
  List<Labelled> worst() {
    return sorted(worst, RISING);
  }

  private static List<Labelled> sorted(PriorityQueue<Labelled> queue, Comparator<Labelled> order) {
    List<Labelled> sorted = new ArrayList<>(queue);
    sorted.sort(order);
    return sorted;
  }
}
