package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.syntagen.dataset.ClassSet;

/**
 * How far a network's confidence in its labels can be believed (Guo et al., 2017, "On calibration
 * of modern neural networks"): pixels are sorted into 15 bins by the probability of their label.
 * Pixels whose truth is void are left out. Not thread-safe.
 */
public final class Calibration {
  private static final int BINS = 15;

  private final long[] pixels = new long[BINS];
  private final long[] right = new long[BINS];
  private final double[] confidence = new double[BINS];

  /**
   * The pixels of one bin.
   *
   * @param confidence mean probability of their labels
   * @param accuracy fraction that is labelled right
   */
  public record Bin(long pixels, double confidence, double accuracy) {}

  /**
   * Counts the pixels of one image.
   *
   * @param truth unsigned labels; 255 is void
   * @param prediction unsigned labels of the same pixels
   * @param probability of each predicted label, 0 to 1
   */
  void add(byte[] truth, byte[] prediction, float[] probability) {
    for (int i = 0; i < truth.length; i++) {
      if ((truth[i] & 0xFF) != ClassSet.VOID) {
        int bin = Math.min(BINS - 1, (int) (probability[i] * BINS));
        pixels[bin]++;
        right[bin] += truth[i] == prediction[i] ? 1 : 0;
        confidence[bin] += probability[i];
      }
    }
  }

  /** The bins that have pixels, by rising confidence: a reliability diagram. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      if (pixels[i] > 0) {
        bins.add(new Bin(pixels[i], confidence[i] / pixels[i], (double) right[i] / pixels[i]));
      }
    }
    return bins;
  }

  /**
   * The expected calibration error, 0 to 1: the distance of accuracy from confidence, weighted by
   * the bins' pixels; NaN without pixels.
   */
  public double expectedError() {
    List<Bin> bins = bins();
    double total = bins.stream().mapToLong(Bin::pixels).sum();
    return bins.stream()
            .mapToDouble(bin -> bin.pixels * Math.abs(bin.accuracy - bin.confidence))
            .sum()
        / total;
  }
}
