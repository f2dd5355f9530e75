package org.syntagen.segmentation;

import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;

/**
 * Boundary IoU (Cheng et al., 2021): intersection over union of the pixels of a class that lie near
 * its border, in truth and prediction, summed over a set of images. Near is within 2 % of the
 * image's diagonal, at least one pixel, in steps to any of the eight neighbours; the image's edge
 * is a border too. What is void in the truth belongs to no class in either. Not thread-safe.
 */
public final class BoundaryIou {
  private static final double SHARE = 0.02;

  private final long[] intersections;
  private final long[] unions;

  /**
   * @param classes labels 0 to classes − 1
   */
  public BoundaryIou(int classes) {
    intersections = new long[classes];
    unions = new long[classes];
  }

  /**
   * Counts an image.
   *
   * @param prediction as large as the truth
   */
  public void add(LabelMap truth, LabelMap prediction) {
    int width = truth.width();
    int height = truth.height();
    if (prediction.width() != width || prediction.height() != height) {
      throw new IllegalArgumentException(
          "%d × %d true labels, %d × %d predicted ones"
              .formatted(width, height, prediction.width(), prediction.height()));
    }
    int distance = (int) Math.max(1, Math.round(SHARE * Math.hypot(width, height)));
    byte[] expected = truth.labels();
    byte[] found = prediction.labels().clone();
    for (int p = 0; p < found.length; p++) {
      if ((expected[p] & 0xFF) == ClassSet.VOID) {
        found[p] = (byte) ClassSet.VOID;
      }
    }
    for (int label : labels(expected, found)) {
      boolean[] of = boundary(expected, label, width, height, distance);
      boolean[] in = boundary(found, label, width, height, distance);
      for (int p = 0; p < of.length; p++) {
        intersections[label] += of[p] && in[p] ? 1 : 0;
        unions[label] += of[p] || in[p] ? 1 : 0;
      }
    }
  }

  private int[] labels(byte[] expected, byte[] found) {
    boolean[] shown = new boolean[256];
    for (int p = 0; p < expected.length; p++) {
      shown[expected[p] & 0xFF] = true;
      shown[found[p] & 0xFF] = true;
    }
    return IntStream.range(0, unions.length).filter(label -> shown[label]).toArray();
  }

  /** The pixels of a label from which a pixel of another, or the outside, is within reach. */
  private static boolean[] boundary(byte[] labels, int label, int width, int height, int distance) {
    boolean[] inside = new boolean[labels.length];
    for (int p = 0; p < labels.length; p++) {
      inside[p] = (labels[p] & 0xFF) == label;
    }
    boolean[] rows = new boolean[labels.length];
    for (int y = 0; y < height; y++) {
      erode(inside, rows, y * width, 1, width, distance);
    }
    boolean[] core = new boolean[labels.length];
    for (int x = 0; x < width; x++) {
      erode(rows, core, x, width, height, distance);
    }
    boolean[] boundary = new boolean[labels.length];
    for (int p = 0; p < labels.length; p++) {
      boundary[p] = inside[p] && !core[p];
    }
    return boundary;
  }

  /** Keeps those of a line whose neighbours on both sides are all set; the outside is not. */
  private static void erode(
      boolean[] from, boolean[] to, int first, int stride, int count, int distance) {
    int last = -1; // the last position that is not set
    int[] before = new int[count];
    for (int i = 0; i < count; i++) {
      last = from[first + i * stride] ? last : i;
      before[i] = i - last;
    }
    int next = count;
    for (int i = count - 1; i >= 0; i--) {
      next = from[first + i * stride] ? next : i;
      to[first + i * stride] = before[i] > distance && next - i > distance;
    }
  }

  /** Of a class; empty if neither truth nor prediction showed it. */
  public OptionalDouble of(int label) {
    return unions[label] == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) intersections[label] / unions[label]);
  }

  /** The mean over the classes that were shown, background included; NaN if none was. */
  public double mean() {
    return IntStream.range(0, unions.length)
        .mapToObj(this::of)
        .flatMapToDouble(OptionalDouble::stream)
        .average()
        .orElse(Double.NaN);
  }
}
