package org.syntagen.segmentation;

import java.util.Arrays;
import org.syntagen.dataset.ClassSet;

/**
 * Draws images and labels into arrays that become tensors. Colours are interpolated and normalised,
 * labels are taken from the nearest pixel, and only what the window shows is computed.
 *
 * @param width of the window in pixels
 * @param height of the window in pixels
 */
record Window(int width, int height) {
  private static final int CHANNELS = 3;

  /** A window that shows the whole resized image. */
  static Window over(Placement placement) {
    return new Window(placement.width(), placement.height());
  }

  int pixels() {
    return width * height;
  }

  /** Columns of the window that show the image rather than padding. */
  private int columns(Placement placement) {
    return Math.min(width, placement.width() - placement.left());
  }

  /** Rows of the window that show the image rather than padding. */
  private int rows(Placement placement) {
    return Math.min(height, placement.height() - placement.top());
  }

  /**
   * The first column of the resized image under the window. A mirrored window shows its columns
   * from right to left.
   */
  private int firstColumn(Placement placement) {
    return placement.mirrored()
        ? placement.width() - placement.left() - columns(placement)
        : placement.left();
  }

  /** {@link #drawColors(LabeledImage, Placement, ColorShift, float[], int)} in true colours. */
  void drawColors(LabeledImage image, Placement placement, float[] target, int offset) {
    drawColors(image, placement, ColorShift.NONE, target, offset);
  }

  /**
   * Writes normalised colours as [3, height, width], padding with black.
   *
   * @param shift what happens to the colours of the image
   * @param target array that receives them from {@code offset} on
   */
  void drawColors(
      LabeledImage image, Placement placement, ColorShift shift, float[] target, int offset) {
    int columns = columns(placement);
    int rows = rows(placement);
    AxisFilter across =
        new AxisFilter(image.width(), placement.width(), firstColumn(placement), columns);
    AxisFilter down = new AxisFilter(image.height(), placement.height(), placement.top(), rows);
    int firstRow = down.first(0);
    double[] narrow =
        resizeRows(image, across, columns, placement.mirrored(), firstRow, down.end(rows - 1));
    double[] levels = new double[CHANNELS * width]; // (x, channel); padding stays 0, which is black
    for (int y = 0; y < height; y++) {
      Arrays.fill(levels, 0);
      if (y < rows) {
        for (int source = down.first(y); source < down.end(y); source++) {
          double weight = down.weight(y, source);
          int from = (source - firstRow) * columns * CHANNELS;
          for (int i = 0; i < columns * CHANNELS; i++) {
            levels[i] += weight * narrow[from + i];
          }
        }
        shift.apply(levels, columns);
      }
      for (int channel = 0; channel < CHANNELS; channel++) {
        int to = offset + (channel * height + y) * width;
        for (int x = 0; x < width; x++) {
          target[to + x] = Normalization.apply(channel, levels[x * CHANNELS + channel]);
        }
      }
    }
  }

  /** Source rows {@code from} to {@code to}, resized along x: (row, column, channel). */
  private static double[] resizeRows(
      LabeledImage image, AxisFilter across, int columns, boolean mirrored, int from, int to) {
    double[] resized = new double[(to - from) * columns * CHANNELS];
    byte[] rgb = image.rgb();
    for (int y = from; y < to; y++) {
      int row = y * image.width();
      for (int x = 0; x < columns; x++) {
        double red = 0;
        double green = 0;
        double blue = 0;
        for (int source = across.first(x); source < across.end(x); source++) {
          double weight = across.weight(x, source);
          int at = CHANNELS * (row + source);
          red += weight * (rgb[at] & 0xFF);
          green += weight * (rgb[at + 1] & 0xFF);
          blue += weight * (rgb[at + 2] & 0xFF);
        }
        int column = mirrored ? columns - 1 - x : x;
        int into = ((y - from) * columns + column) * CHANNELS;
        resized[into] = red;
        resized[into + 1] = green;
        resized[into + 2] = blue;
      }
    }
    return resized;
  }

  /**
   * Writes labels as [height, width], padding with void.
   *
   * @param target array that receives them from {@code offset} on
   * @return how many of them are not void
   */
  int drawLabels(LabeledImage image, Placement placement, long[] target, int offset) {
    int columns = columns(placement);
    int rows = rows(placement);
    int firstColumn = firstColumn(placement);
    int[] sourceRows = AxisFilter.nearest(image.height(), placement.height());
    int[] sourceColumns = AxisFilter.nearest(image.width(), placement.width());
    int labelled = 0;
    Arrays.fill(target, offset, offset + pixels(), ClassSet.VOID);
    for (int y = 0; y < rows; y++) {
      int row = image.width() * sourceRows[placement.top() + y];
      for (int x = 0; x < columns; x++) {
        int column = firstColumn + (placement.mirrored() ? columns - 1 - x : x);
        int label = image.labels()[row + sourceColumns[column]] & 0xFF;
        target[offset + y * width + x] = label;
        labelled += label == ClassSet.VOID ? 0 : 1;
      }
    }
    return labelled;
  }
}
