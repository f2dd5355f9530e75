package org.syntagen.dataset.scenes;

/** Lays an object over a picture and its label over the mask, pixel by pixel. */
final class PatchPainter {
  private PatchPainter() {}

  /**
   * Blends a patch over the picture and gives its label to the pixels that it covers. What lies
   * outside the picture is left out.
   *
   * @param pixels the picture, (size, size), 0xRRGGBB
   * @param labels the mask, (size, size)
   */
  static void paint(int[] pixels, byte[] labels, int size, Arrangement.Place place) {
    Patch patch = place.actor().patch();
    byte label = (byte) place.actor().cutout().label();
    int right = Math.min(patch.width(), size - place.left());
    int bottom = Math.min(patch.height(), size - place.top());
    for (int y = Math.max(0, -place.top()); y < bottom; y++) {
      int row = (place.top() + y) * size + place.left();
      for (int x = Math.max(0, -place.left()); x < right; x++) {
        int over = patch.at(x, y);
        if (over >>> 24 == 0) {
          continue;
        }
        pixels[row + x] = blend(over, pixels[row + x]);
        if (patch.covers(x, y)) {
          labels[row + x] = label;
        }
      }
    }
  }

  private static int blend(int over, int under) {
    int alpha = over >>> 24;
    return channel(over >> 16 & 0xFF, under >> 16 & 0xFF, alpha) << 16
        | channel(over >> 8 & 0xFF, under >> 8 & 0xFF, alpha) << 8
        | channel(over & 0xFF, under & 0xFF, alpha);
  }

  private static int channel(int over, int under, int alpha) {
    return (over * alpha + under * (255 - alpha) + 127) / 255;
  }
}
