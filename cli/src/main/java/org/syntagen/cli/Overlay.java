package org.syntagen.cli;

import java.awt.image.BufferedImage;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;

/** Pictures of labels and of attention. */
final class Overlay {
  private static final double OPACITY = 0.6;

  private Overlay() {}

  /** Labels in their colours over a dimmed image; background stays as it is. */
  static BufferedImage labels(BufferedImage image, LabelMap labels, ClassSet classes) {
    BufferedImage out =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int label = labels.at(x, y);
        int rgb = image.getRGB(x, y);
        out.setRGB(x, y, label == 0 ? rgb : blend(rgb, classes.color(label).getRGB(), OPACITY));
      }
    }
    return out;
  }

  /** Labels in their colours without an image; background is transparent. */
  static BufferedImage alone(LabelMap labels, ClassSet classes) {
    BufferedImage out =
        new BufferedImage(labels.width(), labels.height(), BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < labels.height(); y++) {
      for (int x = 0; x < labels.width(); x++) {
        int label = labels.at(x, y);
        out.setRGB(x, y, label == 0 ? 0 : classes.color(label).getRGB());
      }
    }
    return out;
  }

  /**
   * A map as heat over an image.
   *
   * @param heat values 0 … 1, row by row, in the image's size
   */
  static BufferedImage heat(BufferedImage image, float[] heat) {
    int width = image.getWidth();
    BufferedImage out = new BufferedImage(width, image.getHeight(), BufferedImage.TYPE_INT_RGB);
    for (int p = 0; p < heat.length; p++) {
      double value = Math.max(0, Math.min(1, heat[p]));
      int red = (int) (255 * Math.min(1, 2 * value));
      int green = (int) (255 * Math.max(0, 2 * value - 1));
      int color = red << 16 | green << 8 | (int) (96 * (1 - value));
      out.setRGB(p % width, p / width, blend(image.getRGB(p % width, p / width), color, 0.65));
    }
    return out;
  }

  private static int blend(int below, int above, double opacity) {
    int rgb = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      double mixed = (1 - opacity) * (below >> shift & 255) + opacity * (above >> shift & 255);
      rgb |= (int) Math.round(mixed) << shift;
    }
    return rgb;
  }
}
