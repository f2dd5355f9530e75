package org.syntagen.dataset.scenes;

/** The soft dark spot under an object that makes it stand on the ground. */
final class ContactShadow {
  private static final double FOOT_SHARE = 0.12;

  private ContactShadow() {}

  /** Darkens the ground under an object, most at the middle of its foot. */
  static void paint(Canvas canvas, Arrangement.Place place, double strength) {
    if (strength <= 0) {
      return;
    }
    Patch patch = place.actor().patch();
    int[] foot = footColumns(patch);
    double centreX = place.left() + (foot[0] + foot[1] + 1) / 2.0;
    double radiusX = Math.max(3, (foot[1] - foot[0] + 1) * 0.62);
    double radiusY = Math.max(2, Math.min(radiusX * 0.3, canvas.size() * 0.09));
    double centreY = place.bottom() - radiusY * 0.35;
    int size = canvas.size();
    int[] pixels = canvas.pixels();
    for (int y = Math.max(0, (int) (centreY - radiusY));
        y < Math.min(size, centreY + radiusY);
        y++) {
      double dy = (y + 0.5 - centreY) / radiusY;
      for (int x = Math.max(0, (int) (centreX - radiusX));
          x < Math.min(size, centreX + radiusX);
          x++) {
        double dx = (x + 0.5 - centreX) / radiusX;
        double distance = dx * dx + dy * dy;
        if (distance < 1) {
          double light = 1 - strength * (1 - distance) * (1 - distance);
          pixels[y * size + x] = dimmed(pixels[y * size + x], light);
        }
      }
    }
  }

  private static int dimmed(int pixel, double light) {
    return (int) ((pixel >> 16 & 0xFF) * light) << 16
        | (int) ((pixel >> 8 & 0xFF) * light) << 8
        | (int) ((pixel & 0xFF) * light);
  }

  /** The first and last column of the patch that are covered near its lower edge. */
  private static int[] footColumns(Patch patch) {
    int first = patch.width();
    int last = -1;
    int from = patch.height() - Math.max(1, (int) (patch.height() * FOOT_SHARE));
    for (int y = from; y < patch.height(); y++) {
      for (int x = 0; x < patch.width(); x++) {
        if (patch.covers(x, y)) {
          first = Math.min(first, x);
          last = Math.max(last, x);
        }
      }
    }
    return last < 0 ? new int[] {0, patch.width() - 1} : new int[] {first, last};
  }
}
