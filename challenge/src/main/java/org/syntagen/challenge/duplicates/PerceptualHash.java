package org.syntagen.challenge.duplicates;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.syntagen.dataset.Images;

/**
 * Two 64-bit hashes of an image that change little when it is resized, compressed or tinted. Equal
 * to the public Python package ImageHash's after the image is made small with a box filter.
 *
 * <p>Source: N. Krawetz, "Looks Like It" (2011) and "Kind of Like That" (2013).
 *
 * @param dHash whether each pixel of 8 × 8 is darker than its right neighbour, row by row, highest
 *     bit first
 * @param pHash whether each of the 8 × 8 lowest frequencies of 32 × 32 pixels lies above their
 *     median, in the same order
 */
public record PerceptualHash(long dHash, long pHash) {
  private static final int SIDE = 8;
  private static final int LARGE = 32;
  private static final int PRECISION = 22; // bits after the point, as in Pillow

  /** Of the discrete cosine transform (DCT-II): frequency by position. */
  private static final double[] COSINES = new double[SIDE * LARGE];

  static {
    for (int frequency = 0; frequency < SIDE; frequency++) {
      for (int position = 0; position < LARGE; position++) {
        COSINES[frequency * LARGE + position] =
            Math.cos(Math.PI * frequency * (2 * position + 1) / (2 * LARGE));
      }
    }
  }

  /** The hashes of an image of any size. */
  public static PerceptualHash of(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] gray = gray(Images.rgb(image));
    return new PerceptualHash(
        dHash(resized(gray, width, height, SIDE + 1, SIDE)),
        pHash(resized(gray, width, height, LARGE, LARGE)));
  }

  /** How many bits differ, in the hash in which more do: 0 for alike, about 32 for unlike. */
  public int distance(PerceptualHash other) {
    return Math.max(Long.bitCount(dHash ^ other.dHash), Long.bitCount(pHash ^ other.pHash));
  }

  private static long dHash(int[] gray) {
    long hash = 0;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int at = y * (SIDE + 1) + x;
        hash = hash << 1 | (gray[at + 1] > gray[at] ? 1 : 0);
      }
    }
    return hash;
  }

  private static long pHash(int[] gray) {
    double[] frequencies = new double[SIDE * SIDE];
    for (int v = 0; v < SIDE; v++) {
      for (int u = 0; u < SIDE; u++) {
        double sum = 0;
        for (int y = 0; y < LARGE; y++) {
          double row = 0;
          for (int x = 0; x < LARGE; x++) {
            row += gray[y * LARGE + x] * COSINES[u * LARGE + x];
          }
          sum += row * COSINES[v * LARGE + y];
        }
        frequencies[v * SIDE + u] = Math.rint(sum * 1e6); // what is zero but for rounding is zero
      }
    }
    double[] sorted = frequencies.clone();
    Arrays.sort(sorted);
    double median = (sorted[SIDE * SIDE / 2 - 1] + sorted[SIDE * SIDE / 2]) / 2;
    long hash = 0;
    for (double frequency : frequencies) {
      hash = hash << 1 | (frequency > median ? 1 : 0);
    }
    return hash;
  }

  /** Luma of ITU-R 601-2, rounded as Pillow does. */
  private static int[] gray(byte[] rgb) {
    int[] gray = new int[rgb.length / 3];
    for (int p = 0; p < gray.length; p++) {
      int red = rgb[3 * p] & 0xFF;
      int green = rgb[3 * p + 1] & 0xFF;
      int blue = rgb[3 * p + 2] & 0xFF;
      gray[p] = red * 19595 + green * 38470 + blue * 7471 + 0x8000 >> 16;
    }
    return gray;
  }

  /** Pillow's box filter: rows first, rounded to whole levels, then columns. */
  private static int[] resized(int[] gray, int width, int height, int newWidth, int newHeight) {
    int[] narrow = new int[newWidth * height];
    for (int y = 0; y < height; y++) {
      average(gray, y * width, 1, width, narrow, y * newWidth, 1, newWidth);
    }
    int[] small = new int[newWidth * newHeight];
    for (int x = 0; x < newWidth; x++) {
      average(narrow, x, newWidth, height, small, x, newWidth, newHeight);
    }
    return small;
  }

  private static void average(
      int[] from, int start, int step, int size, int[] to, int toStart, int toStep, int newSize) {
    double scale = (double) size / newSize;
    double support = Math.max(scale, 1) / 2;
    double unit = 1 / Math.max(scale, 1);
    for (int i = 0; i < newSize; i++) {
      double center = (i + 0.5) * scale;
      int first = Math.max(0, (int) (center - support + 0.5));
      int end = Math.min(size, (int) (center + support + 0.5));
      // A pixel on the border of two boxes belongs to the left one, but for rounding.
      while ((first - center + 0.5) * unit <= -0.5) {
        first++;
      }
      while ((end - 1 - center + 0.5) * unit > 0.5) {
        end--;
      }
      int weight = (int) (0.5 + (double) (1 << PRECISION) / (end - first));
      long sum = 1 << PRECISION - 1;
      for (int j = first; j < end; j++) {
        sum += (long) weight * from[start + j * step];
      }
      to[toStart + i * toStep] = (int) (sum >> PRECISION);
    }
  }
}
