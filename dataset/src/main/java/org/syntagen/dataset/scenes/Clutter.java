package org.syntagen.dataset.scenes;

import java.awt.Color;
import java.awt.geom.Arc2D;
import java.awt.geom.RoundRectangle2D;
import org.syntagen.dataset.SplitMix64;

/**
 * Things that stand about in the backgrounds and belong to no class of VOC, so that "not
 * background" is never simply "anything with an outline". Positions are those of a thing's foot.
 */
final class Clutter {
  private Clutter() {}

  static void bush(Canvas canvas, double x, double y, double size, SplitMix64 random) {
    Color leaf = Shade.hsb(random.between(85, 145), random.between(0.4, 0.7), 0.4);
    for (int i = 0; i < 6; i++) {
      double along = (i - 2.5) / 2.5;
      double radius = size * random.between(0.3, 0.45) * (1.1 - 0.4 * Math.abs(along));
      Color shade = Shade.lit(leaf, random.between(0.8, 1.3));
      canvas.ellipse(x + along * size * 0.55, y - radius * 0.8, radius, radius, shade);
    }
  }

  static void tree(Canvas canvas, double x, double y, double height, SplitMix64 random) {
    Color trunk = Shade.hsb(random.between(18, 35), 0.5, random.between(0.25, 0.42));
    canvas.polygon(
        trunk,
        x - height * 0.05,
        y,
        x - height * 0.025,
        y - height * 0.6,
        x + height * 0.025,
        y - height * 0.6,
        x + height * 0.05,
        y);
    Color leaf = Shade.hsb(random.between(80, 140), random.between(0.45, 0.7), 0.45);
    for (int i = 0; i < 7; i++) {
      double radius = height * random.between(0.14, 0.22);
      canvas.ellipse(
          x + height * random.between(-0.2, 0.2),
          y - height * random.between(0.5, 0.85),
          radius,
          radius,
          Shade.lit(leaf, random.between(0.8, 1.25)));
    }
  }

  static void fir(
      Canvas canvas, double x, double y, double height, double snow, SplitMix64 random) {
    Color needles = Shade.hsb(random.between(120, 165), 0.45, random.between(0.25, 0.4));
    canvas.rectangle(
        x - height * 0.03, y - height * 0.15, height * 0.06, height * 0.15, new Color(84, 60, 40));
    for (int tier = 0; tier < 3; tier++) {
      double foot = y - height * (0.1 + 0.27 * tier);
      double half = height * (0.27 - 0.07 * tier);
      double top = foot - height * 0.38;
      canvas.polygon(needles, x - half, foot, x, top, x + half, foot);
      if (snow > 0) {
        double cap = top + (foot - top) * snow;
        double capHalf = half * snow;
        canvas.polygon(new Color(240, 245, 250), x - capHalf, cap, x, top, x + capHalf, cap);
      }
    }
  }

  static void rock(Canvas canvas, double x, double y, double size, SplitMix64 random) {
    Color stone =
        Shade.hsb(random.between(20, 220), random.between(0.03, 0.15), random.between(0.4, 0.65));
    double lean = random.between(-0.2, 0.2);
    canvas.polygon(
        stone,
        x - size,
        y,
        x - size * 0.75,
        y - size * 0.55,
        x - size * (0.2 - lean),
        y - size * 0.85,
        x + size * (0.5 + lean),
        y - size * 0.65,
        x + size,
        y);
    canvas.polygon(
        Shade.lit(stone, 1.2),
        x - size * 0.75,
        y - size * 0.55,
        x - size * (0.2 - lean),
        y - size * 0.85,
        x + size * (0.5 + lean),
        y - size * 0.65,
        x,
        y - size * 0.4);
  }

  static void cone(Canvas canvas, double x, double y, double height) {
    Color orange = new Color(235, 105, 30);
    canvas.rectangle(x - height * 0.35, y - height * 0.08, height * 0.7, height * 0.08, orange);
    canvas.polygon(
        orange,
        x - height * 0.25,
        y - height * 0.08,
        x,
        y - height,
        x + height * 0.25,
        y - height * 0.08);
    canvas.polygon(
        new Color(245, 245, 240),
        x - height * 0.16,
        y - height * 0.4,
        x - height * 0.1,
        y - height * 0.62,
        x + height * 0.1,
        y - height * 0.62,
        x + height * 0.16,
        y - height * 0.4);
  }

  static void box(Canvas canvas, double x, double y, double size, SplitMix64 random) {
    Color card =
        Shade.hsb(random.between(25, 40), random.between(0.3, 0.5), random.between(0.6, 0.8));
    double depth = size * 0.25;
    canvas.rectangle(x - size / 2, y - size * 0.8, size, size * 0.8, card);
    canvas.polygon(
        Shade.lit(card, 1.15),
        x - size / 2,
        y - size * 0.8,
        x - size / 2 + depth,
        y - size * 0.8 - depth,
        x + size / 2 + depth,
        y - size * 0.8 - depth,
        x + size / 2,
        y - size * 0.8);
    canvas.polygon(
        Shade.lit(card, 0.8),
        x + size / 2,
        y,
        x + size / 2,
        y - size * 0.8,
        x + size / 2 + depth,
        y - size * 0.8 - depth,
        x + size / 2 + depth,
        y - depth);
    canvas.rectangle(
        x - size * 0.06, y - size * 0.8, size * 0.12, size * 0.8, Shade.lit(card, 0.88));
  }

  static void streetLamp(Canvas canvas, double x, double y, double height) {
    Color iron = new Color(58, 62, 68);
    canvas.rectangle(x - height * 0.015, y - height, height * 0.03, height, iron);
    canvas.rectangle(x - height * 0.015, y - height, height * 0.2, height * 0.025, iron);
    canvas.ellipse(
        x + height * 0.18,
        y - height * 0.96,
        height * 0.05,
        height * 0.03,
        new Color(255, 236, 170));
  }

  static void floorLamp(Canvas canvas, double x, double y, double height, SplitMix64 random) {
    Color metal = new Color(90, 84, 78);
    canvas.ellipse(x, y, height * 0.12, height * 0.03, metal);
    canvas.rectangle(x - height * 0.012, y - height * 0.8, height * 0.024, height * 0.8, metal);
    Color cloth = Shade.hsb(random.between(0, 360), random.between(0.1, 0.4), 0.95);
    canvas.polygon(
        cloth,
        x - height * 0.17,
        y - height * 0.72,
        x - height * 0.1,
        y - height,
        x + height * 0.1,
        y - height,
        x + height * 0.17,
        y - height * 0.72);
  }

  static void pictureFrame(Canvas canvas, double x, double y, double size, SplitMix64 random) {
    double width = size * random.between(0.7, 1.3);
    double rim = size * 0.08;
    Color wood =
        Shade.hsb(random.between(20, 45), random.between(0.2, 0.6), random.between(0.25, 0.8));
    canvas.rectangle(x - width / 2, y - size / 2, width, size, wood);
    Color sheet =
        Shade.hsb(random.between(0, 360), random.between(0.15, 0.45), random.between(0.7, 0.95));
    double innerWidth = width - 2 * rim;
    double innerHeight = size - 2 * rim;
    double left = x - innerWidth / 2;
    double top = y - innerHeight / 2;
    canvas.rectangle(left, top, innerWidth, innerHeight, sheet);
    canvas.polygon(
        Shade.lit(sheet, 0.75),
        left,
        top + innerHeight,
        left,
        top + innerHeight * 0.6,
        left + innerWidth * 0.4,
        top + innerHeight * 0.35,
        left + innerWidth,
        top + innerHeight * 0.7,
        left + innerWidth,
        top + innerHeight);
  }

  static void window(Canvas canvas, double x, double y, double size, SplitMix64 random) {
    Color frame = new Color(238, 236, 230);
    canvas.rectangle(x - size * 0.5, y - size * 0.6, size, size * 1.2, frame);
    Color pane = Shade.hsb(random.between(190, 220), random.between(0.15, 0.45), 0.97);
    for (int i = 0; i < 4; i++) {
      double left = x - size * 0.44 + (i % 2) * size * 0.46;
      double top = y - size * 0.54 + (i / 2) * size * 0.56;
      canvas.rectangle(left, top, size * 0.42, size * 0.52, pane);
    }
  }

  static void rug(Canvas canvas, double x, double y, double size, SplitMix64 random) {
    Color wool =
        Shade.hsb(random.between(0, 360), random.between(0.2, 0.5), random.between(0.45, 0.85));
    canvas.ellipse(x, y, size, size * 0.28, wool);
    canvas.ellipse(x, y, size * 0.8, size * 0.21, Shade.lit(wool, 1.15));
  }

  static void parasol(Canvas canvas, double x, double y, double height, SplitMix64 random) {
    canvas.line(x, y, x + height * 0.12, y - height * 0.9, height * 0.03, new Color(235, 230, 220));
    double hue = random.between(0, 360);
    double cx = x + height * 0.12;
    double top = y - height * 0.98;
    Color[] cloth = {Shade.hsb(hue, 0.6, 0.9), new Color(248, 246, 240)};
    for (int i = 0; i < 3; i++) {
      double half = height * (0.5 - 0.17 * i);
      canvas.fill(
          new Arc2D.Double(cx - half, top, 2 * half, height * 0.7, 0, 180, Arc2D.PIE),
          cloth[i % 2]);
    }
  }

  static void bin(Canvas canvas, double x, double y, double height, SplitMix64 random) {
    Color metal =
        Shade.hsb(random.between(90, 220), random.between(0.1, 0.4), random.between(0.3, 0.5));
    double width = height * 0.6;
    canvas.fill(
        new RoundRectangle2D.Double(
            x - width / 2, y - height, width, height, height * 0.15, height * 0.15),
        metal);
    canvas.rectangle(
        x - width * 0.56, y - height, width * 1.12, height * 0.13, Shade.lit(metal, 0.75));
  }

  static void fence(Canvas canvas, double y, double height, SplitMix64 random) {
    Color wood =
        Shade.hsb(random.between(25, 40), random.between(0.05, 0.4), random.between(0.6, 0.9));
    double step = height * random.between(0.9, 1.3);
    canvas.rectangle(0, y - height * 0.75, 1, height * 0.14, wood);
    canvas.rectangle(0, y - height * 0.4, 1, height * 0.14, wood);
    for (double x = step * random.nextDouble(); x < 1; x += step) {
      canvas.rectangle(x, y - height, height * 0.14, height, Shade.lit(wood, 0.92));
    }
  }
}
