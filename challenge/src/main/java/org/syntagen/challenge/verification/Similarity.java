package org.syntagen.challenge.verification;

import java.awt.image.BufferedImage;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;

/** How alike two images, or two masks, of one size are. */
final class Similarity {
  private Similarity() {}

  /**
   * The peak signal-to-noise ratio over all pixels and channels, 20 log<sub>10</sub>(255 / root
   * mean square difference), in dB; infinite for equal images.
   *
   * @throws IllegalArgumentException if the sizes differ
   */
  static double psnr(BufferedImage a, BufferedImage b) {
    requireEqual(a.getWidth(), a.getHeight(), b.getWidth(), b.getHeight());
    byte[] first = Images.planes(a);
    byte[] second = Images.planes(b);
    long sum = 0;
    for (int i = 0; i < first.length; i++) {
      int difference = (first[i] & 0xFF) - (second[i] & 0xFF);
      sum += (long) difference * difference;
    }
    return 10 * Math.log10(255.0 * 255.0 * first.length / sum);
  }

  /**
   * The mean, over the labels that either mask shows, of intersection over union. Void counts as a
   * label like others, because a replica must leave out the same pixels.
   *
   * @throws IllegalArgumentException if the sizes differ
   */
  static double meanIou(LabelMap a, LabelMap b) {
    requireEqual(a.width(), a.height(), b.width(), b.height());
    long[] both = new long[256];
    long[] either = new long[256];
    for (int i = 0; i < a.labels().length; i++) {
      int first = a.labels()[i] & 0xFF;
      int second = b.labels()[i] & 0xFF;
      either[first]++;
      if (first == second) {
        both[first]++;
      } else {
        either[second]++;
      }
    }
    double sum = 0;
    int shown = 0;
    for (int label = 0; label < 256; label++) {
      if (either[label] > 0) {
        sum += (double) both[label] / either[label];
        shown++;
      }
    }
    return sum / shown;
  }

  private static void requireEqual(int widthA, int heightA, int widthB, int heightB) {
    if (widthA != widthB || heightA != heightB) {
      throw new IllegalArgumentException(
          "%d×%d and %d×%d pixels cannot be compared".formatted(widthA, heightA, widthB, heightB));
    }
  }
}
