package org.syntagen.segmentation;

/**
 * How an image and its labels are laid into a window: both are resized, mirrored if asked, and the
 * window is cut out. Where the window reaches beyond the resized image it shows black and void.
 *
 * @param width of the resized image
 * @param height of the resized image
 * @param mirrored whether left and right are exchanged after resizing
 * @param left first column of the window within the resized image
 * @param top first row of the window within the resized image
 */
record Placement(int width, int height, boolean mirrored, int left, int top) {
  Placement {
    if (width < 1 || height < 1 || left < 0 || top < 0 || left >= width || top >= height) {
      throw new IllegalArgumentException(
          "the window must begin within the resized image: %d×%d at %d, %d"
              .formatted(width, height, left, top));
    }
  }

  /** The image with its shorter side resized to {@code side}, rounded as torchvision does. */
  static Placement shorterSide(
      int width, int height, int side, boolean mirrored, int left, int top) {
    return width <= height
        ? new Placement(side, scaled(side, height, width), mirrored, left, top)
        : new Placement(scaled(side, width, height), side, mirrored, left, top);
  }

  private static int scaled(int side, int longer, int shorter) {
    return (int) ((long) side * longer / shorter);
  }
}
