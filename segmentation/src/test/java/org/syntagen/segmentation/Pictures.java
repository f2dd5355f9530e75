package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;
import org.syntagen.dataset.SplitMix64;

/** Small images for tests. */
public final class Pictures {
  /** Levels between neighbouring pixels of {@link #coded}. */
  static final int STEP = 10;

  private Pictures() {}

  /**
   * An image of at most 254 pixels whose label at (x, y) is 1 + y·width + x, whose red level is
   * {@link #STEP}·x and whose green level is STEP·y.
   */
  public static LabeledImage coded(int width, int height) {
    byte[] labels = new byte[width * height];
    byte[] rgb = new byte[3 * labels.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) (1 + i);
      rgb[3 * i] = (byte) (STEP * (i % width));
      rgb[3 * i + 1] = (byte) (STEP * (i / width));
    }
    return new LabeledImage("coded", width, height, rgb, labels);
  }

  /**
   * Squares of a class's own colour on noise: class c is one of {@code classes} − 1 colours, and
   * each picture shows one square.
   */
  public static List<LabeledImage> squares(int count, int size, int classes, long seed) {
    List<LabeledImage> pictures = new ArrayList<>();
    SplitMix64 random = new SplitMix64(seed);
    for (int i = 0; i < count; i++) {
      int label = 1 + i % (classes - 1);
      int side = random.inclusive(size / 3, size / 2);
      int left = random.nextInt(size - side);
      int top = random.nextInt(size - side);
      byte[] labels = new byte[size * size];
      byte[] rgb = new byte[3 * labels.length];
      for (int at = 0; at < labels.length; at++) {
        int x = at % size - left;
        int y = at / size - top;
        boolean inside = x >= 0 && x < side && y >= 0 && y < side;
        labels[at] = (byte) (inside ? label : 0);
        for (int channel = 0; channel < 3; channel++) {
          boolean lit = inside && (label >> channel & 1) == 1;
          rgb[3 * at + channel] = (byte) (random.nextInt(60) + (lit ? 190 : 30));
        }
      }
      pictures.add(new LabeledImage("square-" + i, size, size, rgb, labels));
    }
    return pictures;
  }
}
