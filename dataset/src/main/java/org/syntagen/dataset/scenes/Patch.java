package org.syntagen.dataset.scenes;

/**
 * An object as it will stand in the picture: scaled, turned, coloured and cut to its own bounds.
 *
 * @param width pixels in a row
 * @param height the number of rows
 * @param argb the pixels row by row as 0xAARRGGBB, not premultiplied
 */
record Patch(int width, int height, int[] argb) {
  /** From this alpha on, a pixel belongs to the object and carries its label. */
  static final int OPAQUE = 128;

  Patch {
    if (width < 1 || height < 1 || argb.length != width * height) {
      throw new IllegalArgumentException("a patch of %d×%d".formatted(width, height));
    }
  }

  int at(int x, int y) {
    return argb[y * width + x];
  }

  /** Whether the pixel at x, y belongs to the object. */
  boolean covers(int x, int y) {
    return argb[y * width + x] >>> 24 >= OPAQUE;
  }

  /** How many pixels belong to the object. */
  int area() {
    int area = 0;
    for (int pixel : argb) {
      area += pixel >>> 24 >= OPAQUE ? 1 : 0;
    }
    return area;
  }
}
