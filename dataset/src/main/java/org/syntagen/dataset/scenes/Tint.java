package org.syntagen.dataset.scenes;

import java.util.Locale;

/** A colour that an object may be tinted in and that its caption then names. */
public enum Tint {
  /** Red. */
  RED(214, 40, 40),
  /** Blue. */
  BLUE(48, 92, 214),
  /** Green. */
  GREEN(46, 160, 67),
  /** Yellow. */
  YELLOW(240, 200, 40);

  private final int red;
  private final int green;
  private final int blue;

  Tint(int red, int green, int blue) {
    this.red = red;
    this.green = green;
    this.blue = blue;
  }

  /** The word that a caption uses. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  int red() {
    return red;
  }

  int green() {
    return green;
  }

  int blue() {
    return blue;
  }
}
