package org.syntagen.segmentation.robustness;

import java.awt.geom.AffineTransform;
import java.awt.geom.NoninvertibleTransformException;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.segmentation.LabeledImage;

/**
 * An elastic transformation (Simard, Steinkraus and Platt 2003): an affine map that moves three
 * points at random, and a smooth field of displacements. Labels move with what they name.
 */
final class ElasticWarp {
  /** Strength and deviation of the field and reach of the affine map, all of 244 pixels. */
  private static final double[][] ELASTIC = {
    {2, 0.7, 0.1}, {2, 0.08, 0.2}, {0.05, 0.01, 0.02}, {0.07, 0.01, 0.02}, {0.12, 0.01, 0.02}
  };

  private static final double SIZE = 244;

  private ElasticWarp() {}

  static LabeledImage warp(LabeledImage image, int severity, SplitMix64 random) {
    int width = image.width();
    int height = image.height();
    Colors colors = Colors.of(image);
    double size = Corruption.scale(colors);
    double scale = SIZE * size;
    // Blurred noise is the weaker the wider the blur, so that its strength grows with the square.
    double strength = ELASTIC[severity - 1][0] * scale * size;
    double sigma = ELASTIC[severity - 1][1] * scale;
    AffineTransform back = affine(width, height, ELASTIC[severity - 1][2] * scale, random);
    Plane right = field(width, height, sigma, random);
    Plane down = field(width, height, sigma, random);
    Plane fromX = // for every pixel, where it comes from
        Plane.of(
            width,
            height,
            (x, y) ->
                back.getScaleX() * (x + strength * right.at(x, y))
                    + back.getShearX() * (y + strength * down.at(x, y))
                    + back.getTranslateX());
    Plane fromY =
        Plane.of(
            width,
            height,
            (x, y) ->
                back.getShearY() * (x + strength * right.at(x, y))
                    + back.getScaleY() * (y + strength * down.at(x, y))
                    + back.getTranslateY());
    byte[] labels = new byte[width * height];
    for (int p = 0; p < labels.length; p++) {
      int x = Plane.mirror((int) Math.rint(fromX.values()[p]), width);
      int y = Plane.mirror((int) Math.rint(fromY.values()[p]), height);
      labels[p] = image.labels()[y * width + x];
    }
    return colors
        .map(
            plane ->
                Plane.of(width, height, (x, y) -> plane.sample(fromX.at(x, y), fromY.at(x, y))))
        .on(new LabeledImage(image.id(), width, height, image.rgb(), labels));
  }

  /** The inverse of the map of three points around the middle to places nearby. */
  private static AffineTransform affine(int width, int height, double reach, SplitMix64 random) {
    double third = Math.min(width, height) / 3;
    double[] x = {width / 2 + third, width / 2 + third, width / 2 - third};
    double[] y = {height / 2 + third, height / 2 - third, height / 2 - third};
    double[] toX = new double[3];
    double[] toY = new double[3];
    for (int i = 0; i < 3; i++) {
      toX[i] = x[i] + random.between(-reach, reach);
      toY[i] = y[i] + random.between(-reach, reach);
    }
    // Corners of the unit square to the points after the move, back, and to those before it.
    AffineTransform moved = spanned(toX, toY);
    AffineTransform unmoved = spanned(x, y);
    try {
      unmoved.concatenate(moved.createInverse());
    } catch (NoninvertibleTransformException e) {
      return new AffineTransform(); // three points on a line have no inverse: move nothing
    }
    return unmoved;
  }

  /** Takes (0, 0), (1, 0) and (0, 1) to three points. */
  private static AffineTransform spanned(double[] x, double[] y) {
    return new AffineTransform(x[1] - x[0], y[1] - y[0], x[2] - x[0], y[2] - y[0], x[0], y[0]);
  }

  private static Plane field(int width, int height, double sigma, SplitMix64 random) {
    return Plane.of(width, height, (x, y) -> random.between(-1, 1)).blurred(sigma);
  }
}
