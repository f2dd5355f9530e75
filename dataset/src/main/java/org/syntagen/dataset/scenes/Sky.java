package org.syntagen.dataset.scenes;

import java.awt.Color;
import org.syntagen.dataset.SplitMix64;

/** Skies in several weathers, and what stands at their foot. */
final class Sky {
  private Sky() {}

  /** Fills the rows above {@code horizon} with a sky, mostly with a few clouds. */
  static void paint(Canvas canvas, double horizon, SplitMix64 random) {
    paint(canvas, horizon, random.nextInt(4), random);
  }

  /** Fills the whole picture with a clouded sky. */
  static void paintWhole(Canvas canvas, SplitMix64 random) {
    Color cloud = gradient(canvas, 1, random);
    int clouds = random.inclusive(2, 6);
    for (int i = 0; i < clouds; i++) {
      cloud(canvas, random.nextDouble(), random.between(0.05, 0.95), 0.2, cloud, random);
    }
  }

  private static void paint(Canvas canvas, double horizon, int clouds, SplitMix64 random) {
    Color cloud = gradient(canvas, horizon, random);
    for (int i = 0; i < clouds; i++) {
      double y = random.between(0.1, 0.75) * horizon;
      cloud(canvas, random.nextDouble(), y, 0.13, cloud, random);
    }
  }

  /** Paints the gradient of a random weather and returns the colour of its clouds. */
  private static Color gradient(Canvas canvas, double horizon, SplitMix64 random) {
    double hue = random.between(196, 222);
    Color top;
    Color bottom;
    Color cloud;
    switch (random.nextInt(8)) {
      case 0 -> { // evening
        top = Shade.hsb(random.between(215, 265), 0.4, random.between(0.55, 0.85));
        bottom = Shade.hsb(random.between(15, 45), 0.45, 0.98);
        cloud = Shade.hsb(random.between(10, 35), 0.25, 0.98);
      }
      case 1 -> { // overcast
        top = Shade.hsb(hue, 0.08, random.between(0.62, 0.8));
        bottom = Shade.hsb(hue, 0.05, 0.9);
        cloud = Shade.hsb(hue, 0.04, 0.95);
      }
      case 2, 3 -> { // haze
        top = Shade.hsb(hue, random.between(0.2, 0.35), 0.95);
        bottom = Shade.hsb(hue, 0.08, 0.98);
        cloud = Color.WHITE;
      }
      default -> { // clear
        top = Shade.hsb(hue, random.between(0.5, 0.75), random.between(0.8, 0.98));
        bottom = Shade.hsb(hue - 8, random.between(0.15, 0.35), 0.98);
        cloud = Color.WHITE;
      }
    }
    canvas.gradient(0, horizon, top, bottom);
    return cloud;
  }

  /** A heap of overlapping puffs with a flat, shaded foot. */
  private static void cloud(
      Canvas canvas, double x, double y, double size, Color color, SplitMix64 random) {
    double width = size * random.between(0.6, 1.3);
    int puffs = random.inclusive(4, 7);
    Color foot = Shade.veil(Shade.lit(color, 0.88), 0.75);
    canvas.ellipse(x, y + width * 0.12, width * 0.8, width * 0.13, foot);
    Color body = Shade.veil(color, 0.8);
    for (int i = 0; i < puffs; i++) {
      double along = (i + 0.5) / puffs * 2 - 1;
      double radius = width * (0.34 - 0.2 * along * along) * random.between(0.8, 1.2);
      canvas.ellipse(x + along * width * 0.62, y - radius * 0.25, radius * 1.25, radius, body);
    }
  }

  /** A row of soft hills that rises {@code height} above {@code base}. */
  static void hills(Canvas canvas, double base, double height, Color color, SplitMix64 random) {
    int steps = 24;
    double[] corners = new double[2 * (steps + 3)];
    double phase = random.between(0, 6.28);
    double waves = random.between(4, 11);
    for (int i = 0; i <= steps; i++) {
      double x = (double) i / steps;
      double swell =
          0.5
              + 0.3 * StrictMath.sin(phase + waves * x)
              + 0.2 * StrictMath.sin(phase * 3 + 2.3 * waves * x);
      corners[2 * i] = x;
      corners[2 * i + 1] = base - height * swell;
    }
    corners[2 * steps + 2] = 1;
    corners[2 * steps + 3] = base + 0.02;
    corners[2 * steps + 4] = 0;
    corners[2 * steps + 5] = base + 0.02;
    canvas.polygon(color, corners);
  }
}
