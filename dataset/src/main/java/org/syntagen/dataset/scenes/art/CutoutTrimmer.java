package org.syntagen.dataset.scenes.art;

import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import org.syntagen.dataset.InputException;

/** Makes a cut-out of a picture: erases what is not of the class, crops it and limits its size. */
final class CutoutTrimmer {
  /** The longest side of a cut-out in pixels. */
  static final int MOST_SIDE = 256;

  /** Alpha below which a pixel on the rim is cropped away. */
  private static final int FAINT = 25;

  private CutoutTrimmer() {}

  /**
   * The cut-out of a picture ({@link BufferedImage#TYPE_INT_ARGB}), which is changed.
   *
   * @param erase what to make transparent, in pixels of the picture
   * @param name what to call it in an error
   * @throws InputException if nothing is left
   */
  static BufferedImage trim(BufferedImage picture, List<Rectangle> erase, String name) {
    Rectangle frame = new Rectangle(picture.getWidth(), picture.getHeight());
    for (Rectangle rectangle : erase) {
      Rectangle inside = rectangle.intersection(frame);
      for (int y = inside.y; y < inside.y + inside.height; y++) {
        for (int x = inside.x; x < inside.x + inside.width; x++) {
          picture.setRGB(x, y, 0);
        }
      }
    }
    Rectangle content = content(picture);
    if (content.isEmpty()) {
      throw new InputException("the picture " + name + " is transparent");
    }
    BufferedImage cropped =
        picture.getSubimage(content.x, content.y, content.width, content.height);
    int longest = Math.max(content.width, content.height);
    double scale = Math.min(1, (double) MOST_SIDE / longest);
    int width = Math.max(1, (int) Math.round(content.width * scale));
    int height = Math.max(1, (int) Math.round(content.height * scale));
    BufferedImage cutout = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = cutout.createGraphics();
    try {
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
      graphics.drawImage(cropped, 0, 0, width, height, null);
    } finally {
      graphics.dispose();
    }
    return cutout;
  }

  private static Rectangle content(BufferedImage picture) {
    Rectangle content = new Rectangle();
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        if (picture.getRGB(x, y) >>> 24 >= FAINT) {
          Rectangle pixel = new Rectangle(x, y, 1, 1);
          content = content.isEmpty() ? pixel : content.union(pixel);
        }
      }
    }
    return content;
  }
}
