package org.syntagen.dataset.scenes;

import org.syntagen.dataset.SplitMix64;

/**
 * A change of colour that leaves an object recognisable: brightness and contrast, saturation,
 * warmth, and at times a named tint.
 *
 * @param brightness factor on all channels, around 1
 * @param contrast factor on the distance from mid-grey, around 1
 * @param saturation factor on the distance from the pixel's own grey, around 1
 * @param warmth what is added to red and taken from blue, in levels of 255
 * @param tint the named colour, or null for none
 */
record ColorGrade(double brightness, double contrast, double saturation, double warmth, Tint tint) {
  private static final double TINT_STRENGTH = 0.6;

  /** A random mild grade, with a tint by the given chance. */
  static ColorGrade draw(SplitMix64 random, double tintChance) {
    double brightness = random.between(0.86, 1.14);
    double contrast = random.between(0.9, 1.12);
    double saturation = random.between(0.82, 1.2);
    double warmth = random.between(-9, 9);
    boolean tinted = random.chance(tintChance);
    Tint tint = Tint.values()[random.nextInt(Tint.values().length)];
    return new ColorGrade(brightness, contrast, saturation, warmth, tinted ? tint : null);
  }

  /** The graded colour of a pixel 0xAARRGGBB; its alpha stays. */
  int apply(int argb) {
    double red = argb >> 16 & 0xFF;
    double green = argb >> 8 & 0xFF;
    double blue = argb & 0xFF;
    double grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    if (tint != null) {
      // Dark parts stay dark and highlights light, so that the drawing shows through the colour.
      double light = 0.4 + 0.8 * grey / 255;
      red += TINT_STRENGTH * (tint.red() * light - red);
      green += TINT_STRENGTH * (tint.green() * light - green);
      blue += TINT_STRENGTH * (tint.blue() * light - blue);
      grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    }
    return argb & 0xFF000000
        | level(red, grey, warmth) << 16
        | level(green, grey, 0) << 8
        | level(blue, grey, -warmth);
  }

  private int level(double channel, double grey, double shift) {
    double saturated = grey + saturation * (channel - grey);
    double value = 128 + contrast * (saturated * brightness - 128) + shift;
    return (int) Math.max(0, Math.min(255, value + 0.5));
  }
}
