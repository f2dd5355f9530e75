package org.syntagen.dataset.scenes;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A cut-out in halving sizes, from which it is drawn at any scale without aliasing: shrinking takes
 * the level that is at most twice too large and averages four bilinear samples a pixel; enlarging
 * uses the bicubic kernel of Catmull and Rom. Colours are premultiplied by alpha throughout, so
 * that the transparent ground never bleeds into an edge. Immutable.
 */
final class CutoutPyramid {
  private static final int FAINT = 8;

  /** One size of the picture; {@code planes} is (height, width, 4): red, green, blue, alpha. */
  private record Level(int width, int height, float[] planes) {}

  private final List<Level> levels = new ArrayList<>();

  CutoutPyramid(BufferedImage image) {
    Level level = premultiplied(image);
    levels.add(level);
    while (level.width > 8 && level.height > 8) {
      level = halved(level);
      levels.add(level);
    }
  }

  int width() {
    return levels.get(0).width;
  }

  int height() {
    return levels.get(0).height;
  }

  /**
   * Draws the object.
   *
   * @param scale pixels of the result for one pixel of the cut-out
   * @param mirrored whether left and right change places
   * @param radians the angle it is turned by, clockwise
   * @param grade the change of colour
   */
  Patch render(double scale, boolean mirrored, double radians, ColorGrade grade) {
    int index = 0;
    while (index + 1 < levels.size() && scale * (2 << index) <= 1) {
      index++;
    }
    Level level = levels.get(index);
    double cos = StrictMath.cos(radians);
    double sin = StrictMath.sin(radians);
    double scaledWidth = width() * scale;
    double scaledHeight = height() * scale;
    int boxWidth = (int) Math.ceil(Math.abs(cos) * scaledWidth + Math.abs(sin) * scaledHeight) + 2;
    int boxHeight = (int) Math.ceil(Math.abs(sin) * scaledWidth + Math.abs(cos) * scaledHeight) + 2;
    double stepX = level.width / scaledWidth * (mirrored ? -1 : 1);
    double stepY = level.height / scaledHeight;
    boolean enlarge = scale > 1;
    int taps = enlarge ? 1 : 2;
    int[] argb = new int[boxWidth * boxHeight];
    float[] sum = new float[4];
    for (int y = 0; y < boxHeight; y++) {
      for (int x = 0; x < boxWidth; x++) {
        sum[0] = sum[1] = sum[2] = sum[3] = 0;
        for (int tap = 0; tap < taps * taps; tap++) {
          double dx = x + (tap % taps + 0.5) / taps - boxWidth / 2.0;
          double dy = y + (tap / taps + 0.5) / taps - boxHeight / 2.0;
          double u = (cos * dx + sin * dy) * stepX + level.width / 2.0 - 0.5;
          double v = (-sin * dx + cos * dy) * stepY + level.height / 2.0 - 0.5;
          if (enlarge) {
            bicubic(level, u, v, sum);
          } else {
            bilinear(level, u, v, sum);
          }
        }
        argb[y * boxWidth + x] = pixel(sum, 1f / (taps * taps), grade);
      }
    }
    return trimmed(boxWidth, boxHeight, argb);
  }

  private static int pixel(float[] sum, float weight, ColorGrade grade) {
    float alpha = sum[3] * weight;
    if (alpha < 0.5f) {
      return 0;
    }
    // By the alpha before it is limited: where the bicubic kernel overshoots, both do alike.
    float unmultiply = 255 / sum[3];
    int argb =
        Math.round(Math.min(255, alpha)) << 24
            | level(sum[0] * unmultiply) << 16
            | level(sum[1] * unmultiply) << 8
            | level(sum[2] * unmultiply);
    return grade.apply(argb);
  }

  private static int level(float value) {
    return (int) Math.max(0, Math.min(255, value + 0.5f));
  }

  private static void bilinear(Level level, double u, double v, float[] sum) {
    int x = (int) Math.floor(u);
    int y = (int) Math.floor(v);
    if (x < -1 || y < -1 || x >= level.width || y >= level.height) {
      return;
    }
    float fx = (float) (u - x);
    float fy = (float) (v - y);
    add(level, x, y, (1 - fx) * (1 - fy), sum);
    add(level, x + 1, y, fx * (1 - fy), sum);
    add(level, x, y + 1, (1 - fx) * fy, sum);
    add(level, x + 1, y + 1, fx * fy, sum);
  }

  private static void bicubic(Level level, double u, double v, float[] sum) {
    int x = (int) Math.floor(u);
    int y = (int) Math.floor(v);
    if (x < -2 || y < -2 || x > level.width || y > level.height) {
      return;
    }
    for (int j = -1; j <= 2; j++) {
      float weight = catmullRom((float) (v - y - j));
      for (int i = -1; i <= 2; i++) {
        add(level, x + i, y + j, weight * catmullRom((float) (u - x - i)), sum);
      }
    }
  }

  private static float catmullRom(float distance) {
    float t = Math.abs(distance);
    if (t >= 2) {
      return 0;
    }
    return t < 1 ? 1 + t * t * (1.5f * t - 2.5f) : 2 + t * (-4 + t * (2.5f - 0.5f * t));
  }

  private static void add(Level level, int x, int y, float weight, float[] sum) {
    if (x < 0 || y < 0 || x >= level.width || y >= level.height) {
      return;
    }
    int at = (y * level.width + x) * 4;
    sum[0] += weight * level.planes[at];
    sum[1] += weight * level.planes[at + 1];
    sum[2] += weight * level.planes[at + 2];
    sum[3] += weight * level.planes[at + 3];
  }

  private static Level premultiplied(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] argb = image.getRGB(0, 0, width, height, null, 0, width);
    float[] planes = new float[argb.length * 4];
    for (int i = 0; i < argb.length; i++) {
      int alpha = argb[i] >>> 24;
      float factor = alpha / 255f;
      planes[4 * i] = (argb[i] >> 16 & 0xFF) * factor;
      planes[4 * i + 1] = (argb[i] >> 8 & 0xFF) * factor;
      planes[4 * i + 2] = (argb[i] & 0xFF) * factor;
      planes[4 * i + 3] = alpha;
    }
    return new Level(width, height, planes);
  }

  private static Level halved(Level from) {
    int width = (from.width + 1) / 2;
    int height = (from.height + 1) / 2;
    float[] planes = new float[width * height * 4];
    // Odd sides do not halve evenly, so each pixel averages the area that it covers.
    double stepX = (double) from.width / width;
    double stepY = (double) from.height / height;
    float[] sum = new float[4];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        sum[0] = sum[1] = sum[2] = sum[3] = 0;
        for (int tap = 0; tap < 4; tap++) {
          double u = (x + 0.25 + 0.5 * (tap & 1)) * stepX - 0.5;
          double v = (y + 0.25 + 0.5 * (tap >> 1)) * stepY - 0.5;
          bilinear(from, u, v, sum);
        }
        for (int c = 0; c < 4; c++) {
          planes[(y * width + x) * 4 + c] = sum[c] / 4;
        }
      }
    }
    return new Level(width, height, planes);
  }

  /** The patch without the rows and columns on its rim that are all but transparent. */
  private static Patch trimmed(int width, int height, int[] argb) {
    int left = width;
    int right = -1;
    int top = height;
    int bottom = -1;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (argb[y * width + x] >>> 24 >= FAINT) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = y;
        }
      }
    }
    if (right < 0) {
      return new Patch(1, 1, new int[1]);
    }
    int trimmedWidth = right - left + 1;
    int trimmedHeight = bottom - top + 1;
    int[] trimmed = new int[trimmedWidth * trimmedHeight];
    for (int y = 0; y < trimmedHeight; y++) {
      System.arraycopy(argb, (top + y) * width + left, trimmed, y * trimmedWidth, trimmedWidth);
    }
    return new Patch(trimmedWidth, trimmedHeight, trimmed);
  }
}
