package org.syntagen.dataset;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A mask: one label a pixel, stored row by row. On disk it is an 8-bit palette PNG in VOC's colours
 * whose sample values are the labels.
 *
 * <p>The array is shared with the caller and not copied, because masks are large and short-lived;
 * treat it as read-only once the map is handed on.
 */
public final class LabelMap {
  private static final IndexColorModel VOC_PALETTE = vocPalette();

  private final int width;
  private final int height;
  private final byte[] labels; // (height, width), unsigned

  /**
   * A label map over the given labels.
   *
   * @throws IllegalArgumentException if the sides are not positive or the array has another length
   */
  public LabelMap(int width, int height, byte[] labels) {
    if (width < 1 || height < 1 || labels.length != (long) width * height) {
      throw new IllegalArgumentException(
          "a label map of %d×%d needs as many labels, not %d"
              .formatted(width, height, labels.length));
    }
    this.width = width;
    this.height = height;
    this.labels = labels;
  }

  /** Pixels in a row. */
  public int width() {
    return width;
  }

  /** The number of rows. */
  public int height() {
    return height;
  }

  /** The labels themselves, row by row, unsigned; not a copy. */
  public byte[] labels() {
    return labels;
  }

  /** The label at column x of row y, 0 to 255. */
  public int at(int x, int y) {
    return labels[y * width + x] & 0xFF;
  }

  /** How many pixels carry each label: 256 counts, position = label. */
  public long[] histogram() {
    long[] counts = new long[256];
    for (byte label : labels) {
      counts[label & 0xFF]++;
    }
    return counts;
  }

  /** The map as a palette image in VOC's colours, sharing the labels. */
  public BufferedImage toImage() {
    BufferedImage image =
        new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, VOC_PALETTE);
    byte[] samples = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(labels, 0, samples, 0, labels.length);
    return image;
  }

  /**
   * Writes the map as an 8-bit palette PNG that appears under its name only when whole.
   *
   * @throws IOException if the folder is missing or full
   */
  public void write(Path file) throws IOException {
    Images.writePng(file, toImage());
  }

  /**
   * Reads a mask and checks every label against the class set.
   *
   * @throws InputException if the file is missing, broken, too large, not a palette image, or holds
   *     a label that is neither in the class set nor void
   */
  public static LabelMap read(Path file, ClassSet classes) {
    BufferedImage image = Images.read(file);
    if (!(image.getColorModel() instanceof IndexColorModel)) {
      throw new InputException(
          "the mask %s is not a palette image; expected an 8-bit palette PNG whose values are labels"
              .formatted(file));
    }
    Raster raster = image.getRaster();
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] labels = new byte[width * height];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      // Samples, never getRGB: two labels may share a colour in a foreign palette.
      raster.getSamples(0, y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        if (!classes.legal(row[x])) {
          throw new InputException(
              "the mask %s holds label %d at x=%d, y=%d; expected 0 to %d, or 255 for void"
                  .formatted(file, row[x], x, y, classes.size() - 1));
        }
        labels[y * width + x] = (byte) row[x];
      }
    }
    return new LabelMap(width, height, labels);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LabelMap map
        && map.width == width
        && map.height == height
        && Arrays.equals(map.labels, labels);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * width + height) + Arrays.hashCode(labels);
  }

  @Override
  public String toString() {
    return "LabelMap[" + width + "×" + height + "]";
  }

  private static IndexColorModel vocPalette() {
    byte[] red = new byte[256];
    byte[] green = new byte[256];
    byte[] blue = new byte[256];
    for (int label = 0; label < 256; label++) {
      int color = ClassSet.paletteColor(label);
      red[label] = (byte) (color >> 16);
      green[label] = (byte) (color >> 8);
      blue[label] = (byte) color;
    }
    return new IndexColorModel(8, 256, red, green, blue);
  }
}
