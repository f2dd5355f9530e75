package org.syntagen.segmentation;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;

/**
 * A decoded image with its labels. The arrays are shared with the caller, not copied; treat them as
 * read-only.
 *
 * @param id what messages call it
 * @param width pixels in a row
 * @param height number of rows
 * @param rgb (height, width, 3), unsigned bytes
 * @param labels (height, width), unsigned bytes; 255 is void
 */
public record LabeledImage(String id, int width, int height, byte[] rgb, byte[] labels) {
  /** Checks that the arrays have the length that the sides ask for. */
  public LabeledImage {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(id + ": the sides must be positive");
    }
    if (labels.length != (long) width * height || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "%s: %d×%d pixels need %d label and %d colour bytes, not %d and %d"
              .formatted(
                  id,
                  width,
                  height,
                  width * height,
                  3 * width * height,
                  labels.length,
                  rgb.length));
    }
  }

  /**
   * The pixels of an image and its mask.
   *
   * @throws IllegalArgumentException if their sizes differ
   */
  public static LabeledImage of(String id, BufferedImage image, LabelMap mask) {
    int width = image.getWidth();
    int height = image.getHeight();
    if (mask.width() != width || mask.height() != height) {
      throw new IllegalArgumentException(
          "%s: the image is %d×%d, its mask %d×%d"
              .formatted(id, width, height, mask.width(), mask.height()));
    }
    return new LabeledImage(id, width, height, Images.rgb(image), mask.labels());
  }

  /** The pixels of an image whose labels are unknown, which is void everywhere. */
  static LabeledImage unlabeled(String id, BufferedImage image) {
    byte[] labels = new byte[image.getWidth() * image.getHeight()];
    Arrays.fill(labels, (byte) ClassSet.VOID);
    return of(id, image, new LabelMap(image.getWidth(), image.getHeight(), labels));
  }

  /** The labels as a map that shares them. */
  public LabelMap mask() {
    return new LabelMap(width, height, labels);
  }

  /** Whether a pixel's label is known. */
  public boolean isLabelled() {
    for (byte label : labels) {
      if ((label & 0xFF) != ClassSet.VOID) {
        return true;
      }
    }
    return false;
  }

  long bytes() {
    return (long) rgb.length + labels.length;
  }
}
