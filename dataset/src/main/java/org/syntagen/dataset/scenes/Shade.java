package org.syntagen.dataset.scenes;

import java.awt.Color;

/** Arithmetic on colours for the backgrounds. */
final class Shade {
  private Shade() {}

  /** A colour by hue in degrees, saturation and brightness in 0 to 1 (clamped). */
  static Color hsb(double hue, double saturation, double brightness) {
    double wrapped = hue / 360 - Math.floor(hue / 360);
    return Color.getHSBColor((float) wrapped, (float) unit(saturation), (float) unit(brightness));
  }

  /** The colour between a (at 0) and b (at 1). */
  static Color mix(Color a, Color b, double at) {
    double t = unit(at);
    return new Color(
        (int) Math.round(a.getRed() + t * (b.getRed() - a.getRed())),
        (int) Math.round(a.getGreen() + t * (b.getGreen() - a.getGreen())),
        (int) Math.round(a.getBlue() + t * (b.getBlue() - a.getBlue())));
  }

  /** The colour brightened (factor above 1) or darkened (below 1). */
  static Color lit(Color color, double factor) {
    return new Color(
        (int) Math.round(255 * unit(color.getRed() * factor / 255)),
        (int) Math.round(255 * unit(color.getGreen() * factor / 255)),
        (int) Math.round(255 * unit(color.getBlue() * factor / 255)),
        color.getAlpha());
  }

  /** The colour with an opacity of 0 to 1. */
  static Color veil(Color color, double opacity) {
    return new Color(
        color.getRed(), color.getGreen(), color.getBlue(), (int) Math.round(255 * unit(opacity)));
  }

  private static double unit(double value) {
    return Math.max(0, Math.min(1, value));
  }
}
