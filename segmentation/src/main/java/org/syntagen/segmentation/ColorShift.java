package org.syntagen.segmentation;

import org.syntagen.dataset.SplitMix64;

/**
 * A change of an image's colours: brightness, contrast, saturation and hue at once, as a linear map
 * of 8-bit levels. Hue turns in the plane of the chroma axes I and Q of the NTSC colour space.
 *
 * @param matrix nine factors, row by row: red, green and blue out of red, green and blue
 * @param offset added to every channel
 */
record ColorShift(double[] matrix, double offset) {
  /** Changes nothing. */
  static final ColorShift NONE = of(0, 1, 1, 0);

  private static final double MIDDLE = 127.5;
  private static final double MOST = 255;

  /**
   * @param brightness added to the lightness, in levels
   * @param contrast factor about the middle level
   * @param saturation factor of the chroma, 0 for grey
   * @param hue by how much to turn it, in radians
   */
  static ColorShift of(double brightness, double contrast, double saturation, double hue) {
    double[][] toYiq = {
      {0.299, 0.587, 0.114}, {0.5959, -0.2746, -0.3213}, {0.2115, -0.5227, 0.3112}
    };
    double[][] toRgb = {{1, 0.956, 0.619}, {1, -0.272, -0.647}, {1, -1.106, 1.703}};
    double along = contrast * saturation * Math.cos(hue);
    double across = contrast * saturation * Math.sin(hue);
    double[][] change = {{contrast, 0, 0}, {0, along, -across}, {0, across, along}};
    double[][] product = multiply(toRgb, multiply(change, toYiq));
    double[] matrix = new double[9];
    for (int i = 0; i < 9; i++) {
      matrix[i] = product[i / 3][i % 3];
    }
    return new ColorShift(matrix, brightness + (1 - contrast) * MIDDLE);
  }

  /**
   * A random change.
   *
   * @param strength 0 for none; at 1, lightness moves by up to 50 levels, contrast and saturation
   *     by up to 40 and 60 % and hue by up to a quarter turn
   */
  static ColorShift draw(SplitMix64 random, double strength) {
    if (strength == 0) {
      return NONE;
    }
    return of(
        random.between(-50, 50) * strength,
        1 + random.between(-0.4, 0.4) * strength,
        1 + random.between(-0.6, 0.6) * strength,
        random.between(-0.5, 0.5) * Math.PI * strength);
  }

  private static double[][] multiply(double[][] a, double[][] b) {
    double[][] product = new double[3][3];
    for (int row = 0; row < 3; row++) {
      for (int column = 0; column < 3; column++) {
        for (int i = 0; i < 3; i++) {
          product[row][column] += a[row][i] * b[i][column];
        }
      }
    }
    return product;
  }

  /**
   * Changes pixels in place.
   *
   * @param levels (pixel, channel), 0 to 255 before and after
   * @param pixels how many of them to change
   */
  void apply(double[] levels, int pixels) {
    if (this == NONE) {
      return;
    }
    for (int at = 0; at < 3 * pixels; at += 3) {
      double red = levels[at];
      double green = levels[at + 1];
      double blue = levels[at + 2];
      for (int c = 0; c < 3; c++) {
        double level =
            matrix[3 * c] * red + matrix[3 * c + 1] * green + matrix[3 * c + 2] * blue + offset;
        levels[at + c] = Math.max(0, Math.min(MOST, level));
      }
    }
  }
}
