package org.syntagen.dataset.scenes;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.Arrays;
import org.syntagen.dataset.SplitMix64;

/**
 * A square picture that backgrounds are painted on. Coordinates run from 0 to 1, x to the right and
 * y downwards, so that a background looks alike at every size. Shapes are antialiased.
 */
final class Canvas implements AutoCloseable {
  private final int size;
  private final BufferedImage image;
  private final int[] pixels; // (size, size), 0xRRGGBB
  private final Graphics2D graphics;

  Canvas(int size) {
    this.size = size;
    this.image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    this.pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    this.graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.scale(size, size);
  }

  /** The picture's side in pixels. */
  int size() {
    return size;
  }

  /** The picture itself; later painting shows in it. */
  BufferedImage image() {
    return image;
  }

  /** The picture's pixels row by row as 0xRRGGBB; writing to them paints. */
  int[] pixels() {
    return pixels;
  }

  void fill(Shape shape, Color color) {
    graphics.setColor(color);
    graphics.fill(shape);
  }

  void rectangle(double x, double y, double width, double height, Color color) {
    fill(new Rectangle2D.Double(x, y, width, height), color);
  }

  void ellipse(double centreX, double centreY, double radiusX, double radiusY, Color color) {
    fill(
        new Ellipse2D.Double(centreX - radiusX, centreY - radiusY, 2 * radiusX, 2 * radiusY),
        color);
  }

  /** A filled polygon through the corners x0, y0, x1, y1, …. */
  void polygon(Color color, double... corners) {
    Path2D path = new Path2D.Double();
    path.moveTo(corners[0], corners[1]);
    for (int i = 2; i < corners.length; i += 2) {
      path.lineTo(corners[i], corners[i + 1]);
    }
    path.closePath();
    fill(path, color);
  }

  void line(double x0, double y0, double x1, double y1, double width, Color color) {
    graphics.setStroke(
        new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    graphics.setColor(color);
    graphics.draw(new Line2D.Double(x0, y0, x1, y1));
  }

  /**
   * Fills the rows from {@code top} to {@code bottom} with a gradient from one colour to another.
   */
  void gradient(double top, double bottom, Color from, Color to) {
    int first = row(top);
    int last = row(bottom);
    for (int y = first; y < last; y++) {
      double at = last - first < 2 ? 0 : (double) (y - first) / (last - first - 1);
      Arrays.fill(pixels, y * size, (y + 1) * size, Shade.mix(from, to, at).getRGB() & 0xFFFFFF);
    }
  }

  /**
   * Roughens the rows from {@code top} to {@code bottom}.
   *
   * @param across how many grains fit in the width
   * @param down how many grains fit in the height
   * @param strength the greatest change, in levels of 255
   */
  void grain(
      double top, double bottom, double across, double down, double strength, SplitMix64 random) {
    ValueNoise noise = new ValueNoise(random);
    for (int y = row(top); y < row(bottom); y++) {
      for (int x = 0; x < size; x++) {
        brighten(
            y * size + x, strength * 1.6 * noise.at(across * x / size, down * (y + 0.5) / size));
      }
    }
  }

  /**
   * Roughens the ground below a horizon with grains that shrink towards it.
   *
   * @param grains how many grains fit in the width at the bottom of the picture
   * @param strength the greatest change, in levels of 255
   */
  void groundGrain(double horizon, double grains, double strength, SplitMix64 random) {
    ValueNoise noise = new ValueNoise(random);
    double depthAtBottom = 1 - horizon + 0.1;
    for (int y = row(horizon); y < size; y++) {
      double near = ((y + 0.5) / size - horizon + 0.1) / depthAtBottom;
      double scale = grains / near;
      for (int x = 0; x < size; x++) {
        double across = ((x + 0.5) / size - 0.5) * scale;
        double fade = Math.min(1, near * 1.5);
        brighten(y * size + x, fade * strength * 1.6 * noise.at(across + 32, 3 * scale));
      }
    }
  }

  private void brighten(int at, double levels) {
    int change = (int) Math.round(levels);
    int pixel = pixels[at];
    pixels[at] =
        clamp((pixel >> 16 & 0xFF) + change) << 16
            | clamp((pixel >> 8 & 0xFF) + change) << 8
            | clamp((pixel & 0xFF) + change);
  }

  private static int clamp(int level) {
    return Math.max(0, Math.min(255, level));
  }

  private int row(double y) {
    return (int) Math.max(0, Math.min(size, Math.round(y * size)));
  }

  @Override
  public void close() {
    graphics.dispose();
  }
}
