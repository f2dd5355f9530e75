package org.syntagen.labeling;

import java.util.List;

/**
 * How strongly each pixel belongs to each class.
 *
 * @param labels of the classes
 * @param values class by class and row by row, from about 0 to about 1
 * @param width of the image, in pixels
 * @param height of the image, in pixels
 */
public record Scores(List<Integer> labels, float[] values, int width, int height) {
  public Scores {
    labels = List.copyOf(labels);
    if (values.length != labels.size() * width * height) {
      throw new IllegalArgumentException(
          "%d scores for %d classes in %d × %d pixels"
              .formatted(values.length, labels.size(), width, height));
    }
  }

  int pixels() {
    return width * height;
  }

  /** The position among {@link #labels} of the pixel's strongest class; there must be one. */
  int strongest(int pixel) {
    int best = 0;
    for (int k = 1; k < labels.size(); k++) {
      if (values[k * pixels() + pixel] > values[best * pixels() + pixel]) {
        best = k;
      }
    }
    return best;
  }
}
