package org.syntagen.dataset.scenes;

import java.awt.image.BufferedImage;
import java.util.Objects;

/**
 * A picture of one object of one class with everything else transparent.
 *
 * @param label the object's class, never background or void
 * @param file its path inside the library with forward slashes, e.g. "car/0.png"
 * @param split which scenes may show it
 * @param licence the SPDX name of its licence
 * @param creator whom to credit
 * @param source package, version and entry that it was taken from
 * @param image the picture ({@link BufferedImage#TYPE_INT_ARGB}); shared, not to be painted on
 */
public record Cutout(
    int label,
    String file,
    Split split,
    String licence,
    String creator,
    String source,
    BufferedImage image) {
  /** Checks that nothing is missing and that the picture has transparency. */
  public Cutout {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(licence, "licence");
    Objects.requireNonNull(creator, "creator");
    Objects.requireNonNull(source, "source");
    if (label < 1 || label > 254) {
      throw new IllegalArgumentException("a cut-out's label is 1 to 254, not " + label);
    }
    if (image.getType() != BufferedImage.TYPE_INT_ARGB) {
      throw new IllegalArgumentException("a cut-out's picture is TYPE_INT_ARGB: " + file);
    }
  }
}
