package org.syntagen.segmentation;

import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;

/**
 * Boundary IoU (Cheng et al., 2021, "Boundary IoU: Improving object-centric image segmentation
 * evaluation"): intersection over union of those pixels of a class that lie within a distance of
 * its edge, in the truth and in the prediction, counted over a whole set of images. The distance is
 * 2 % of the image's diagonal, measured in king's moves; the edge of the image is one of the class.
 * Pixels whose truth is void belong to no class in either. Not thread-safe.
 */
public final class BoundaryIou {
  private static final double DILATION_RATIO = 0.02;

  private final long[] right;
  private final long[] truth;
  private final long[] predicted;

  /**
   * @param classes labels 0 to classes − 1
   */
  public BoundaryIou(int classes) {
    right = new long[classes];
    truth = new long[classes];
    predicted = new long[classes];
  }

  /**
   * Counts the pixels of one image.
   *
   * @param exact the truth; 255 is void
   * @param prediction of the same size
   * @throws IllegalArgumentException if the sizes differ
   */
  public void add(LabelMap exact, LabelMap prediction) {
    if (exact.width() != prediction.width() || exact.height() != prediction.height()) {
      throw new IllegalArgumentException(exact + " cannot be compared with " + prediction);
    }
    byte[] expected = exact.labels();
    byte[] found = prediction.labels().clone();
    for (int i = 0; i < found.length; i++) {
      found[i] = (expected[i] & 0xFF) == ClassSet.VOID ? expected[i] : found[i];
    }
    boolean[] trueBand = band(exact);
    boolean[] foundBand = band(new LabelMap(exact.width(), exact.height(), found));
    for (int i = 0; i < found.length; i++) {
      int label = expected[i] & 0xFF;
      if (label == ClassSet.VOID) {
        continue;
      }
      truth[label] += trueBand[i] ? 1 : 0;
      predicted[found[i] & 0xFF] += foundBand[i] ? 1 : 0;
      right[label] += trueBand[i] && foundBand[i] && found[i] == expected[i] ? 1 : 0;
    }
  }

  /** The distance from the edge in pixels, at least 1. */
  static int distance(int width, int height) {
    return Math.max(1, (int) Math.rint(DILATION_RATIO * Math.hypot(width, height)));
  }

  /**
   * Which pixels lie within the distance of one that is not of their class, be it outside of the
   * image. These are the pixels within one less of a pixel that has a neighbour of another class.
   */
  private static boolean[] band(LabelMap map) {
    int width = map.width();
    int height = map.height();
    boolean[] edge = new boolean[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        edge[y * width + x] = isEdge(map, x, y);
      }
    }
    int reach = distance(width, height) - 1;
    boolean[] wide = new boolean[edge.length];
    for (int y = 0; y < height; y++) {
      widen(edge, wide, y * width, 1, width, reach);
    }
    boolean[] band = new boolean[edge.length];
    for (int x = 0; x < width; x++) {
      widen(wide, band, x, width, height, reach);
    }
    return band;
  }

  private static boolean isEdge(LabelMap map, int x, int y) {
    if (x == 0 || y == 0 || x == map.width() - 1 || y == map.height() - 1) {
      return true;
    }
    int label = map.at(x, y);
    for (int dy = -1; dy <= 1; dy++) {
      for (int dx = -1; dx <= 1; dx++) {
        if (map.at(x + dx, y + dy) != label) {
          return true;
        }
      }
    }
    return false;
  }

  /** Marks what is within {@code reach} of a mark, along one row or column. */
  private static void widen(
      boolean[] marks, boolean[] into, int start, int step, int count, int reach) {
    int end = 0; // the first position that no mark so far reaches
    for (int i = 0; i < count; i++) {
      if (marks[start + i * step]) {
        for (int j = Math.max(end, i - reach); j <= Math.min(count - 1, i + reach); j++) {
          into[start + j * step] = true;
        }
        end = i + reach + 1;
      }
    }
  }

  /** A class's score, 0 to 1; empty if no image shows its edge in truth or prediction. */
  public OptionalDouble iou(int label) {
    long union = truth[label] + predicted[label] - right[label];
    return union == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) right[label] / union);
  }

  /** The mean over the classes that have a score; NaN if none has. */
  public double mean() {
    return IntStream.range(0, right.length)
        .mapToObj(this::iou)
        .flatMapToDouble(OptionalDouble::stream)
        .average()
        .orElse(Double.NaN);
  }
}
