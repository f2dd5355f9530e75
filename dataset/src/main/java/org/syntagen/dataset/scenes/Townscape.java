package org.syntagen.dataset.scenes;

import java.awt.Color;
import org.syntagen.dataset.SplitMix64;

/** Backgrounds that people built: road, street, room, wall and studio. */
final class Townscape {
  private Townscape() {}

  static Ground road(Canvas canvas, SplitMix64 random) {
    double horizon = random.between(0.3, 0.46);
    Sky.paint(canvas, horizon, random);
    Color verge =
        Shade.hsb(random.between(50, 125), random.between(0.3, 0.6), random.between(0.45, 0.7));
    if (random.chance(0.7)) {
      Color far = Shade.mix(verge, new Color(150, 170, 195), 0.5);
      Sky.hills(canvas, horizon, random.between(0.05, 0.16), far, random);
    }
    canvas.gradient(horizon, 1, verge, Shade.lit(verge, 0.85));
    canvas.groundGrain(horizon, 14, 16, random);
    double vanish = random.between(0.35, 0.65);
    double left = random.between(-0.35, 0.0);
    double right = random.between(1.0, 1.35);
    Color asphalt = Shade.hsb(random.between(200, 260), 0.05, random.between(0.3, 0.52));
    canvas.polygon(
        asphalt, left, 1.02, vanish - 0.05, horizon, vanish + 0.05, horizon, right, 1.02);
    Color paint = new Color(238, 236, 225);
    edgeLine(canvas, vanish - 0.043, left + 0.07, horizon, paint);
    edgeLine(canvas, vanish + 0.043, right - 0.07, horizon, paint);
    double middle = (left + right) / 2;
    for (int i = 0; i < 6; i++) {
      dash(canvas, vanish, middle, horizon, (i + 0.2) / 6.0, (i + 0.7) / 6.0, paint);
    }
    if (random.chance(0.5)) {
      Clutter.tree(canvas, random.between(0, 0.2), horizon + 0.06, 0.3, random);
    }
    if (random.chance(0.5)) {
      Clutter.bush(canvas, random.between(0.8, 1), horizon + 0.06, 0.1, random);
    }
    int cones = random.chance(0.25) ? random.inclusive(1, 3) : 0;
    for (int i = 0; i < cones; i++) {
      double near = random.between(0.2, 0.9);
      Clutter.cone(canvas, random.nextDouble(), horizon + (1 - horizon) * near, 0.05 + 0.07 * near);
    }
    return new Ground(horizon, 0.55);
  }

  static Ground street(Canvas canvas, SplitMix64 random) {
    double kerb = random.between(0.5, 0.62);
    Sky.paint(canvas, kerb, random);
    double x = random.between(-0.2, 0);
    while (x < 1) {
      double width = random.between(0.2, 0.42);
      facade(canvas, x, width, random.between(0.02, 0.25), kerb, random);
      x += width;
    }
    Color slab = Shade.hsb(random.between(20, 60), 0.06, random.between(0.62, 0.8));
    double edge = kerb + random.between(0.05, 0.1);
    canvas.gradient(kerb, edge, Shade.lit(slab, 1.05), slab);
    Color asphalt = Shade.hsb(random.between(200, 260), 0.05, random.between(0.32, 0.5));
    canvas.gradient(edge, 1, Shade.lit(asphalt, 1.08), Shade.lit(asphalt, 0.9));
    canvas.groundGrain(edge, 20, 9, random);
    canvas.rectangle(0, edge - 0.006, 1, 0.014, Shade.lit(slab, 0.75));
    if (random.chance(0.5)) {
      Clutter.streetLamp(canvas, random.nextDouble(), kerb + 0.04, random.between(0.4, 0.55));
    }
    if (random.chance(0.4)) {
      Clutter.bin(canvas, random.nextDouble(), kerb + 0.05, 0.1, random);
    }
    if (random.chance(0.3)) {
      Clutter.tree(canvas, random.nextDouble(), kerb + 0.04, 0.38, random);
    }
    return new Ground(kerb, 0.5);
  }

  static Ground room(Canvas canvas, SplitMix64 random) {
    double skirting = random.between(0.5, 0.68);
    Color wall =
        Shade.hsb(random.between(0, 360), random.between(0.05, 0.4), random.between(0.65, 0.95));
    canvas.gradient(0, skirting, Shade.lit(wall, 1.05), Shade.lit(wall, 0.93));
    if (random.chance(0.3)) {
      stripes(canvas, skirting, Shade.veil(Shade.lit(wall, 0.9), 0.5), random);
    }
    Color wood =
        Shade.hsb(random.between(18, 36), random.between(0.35, 0.6), random.between(0.4, 0.78));
    canvas.gradient(skirting, 1, Shade.lit(wood, 0.9), Shade.lit(wood, 1.05));
    canvas.groundGrain(skirting, random.between(2, 5), 12, random);
    Color joint = Shade.veil(Shade.lit(wood, 0.65), 0.7);
    for (int i = -8; i <= 8; i++) {
      canvas.line(0.5 + i * 0.09, skirting, 0.5 + i * 0.24, 1, 0.006, joint);
    }
    canvas.rectangle(0, skirting - 0.025, 1, 0.028, Shade.mix(wall, Color.WHITE, 0.7));
    if (random.chance(0.35)) {
      Clutter.window(canvas, random.between(0.15, 0.85), skirting * 0.45, 0.28, random);
    }
    int frames = random.nextInt(3);
    for (int i = 0; i < frames; i++) {
      double size = random.between(0.1, 0.18);
      Clutter.pictureFrame(
          canvas, random.nextDouble(), skirting * random.between(0.25, 0.55), size, random);
    }
    if (random.chance(0.3)) {
      Clutter.rug(canvas, random.between(0.3, 0.7), random.between(0.8, 0.95), 0.35, random);
    }
    if (random.chance(0.3)) {
      Clutter.floorLamp(canvas, random.between(0.05, 0.95), skirting + 0.05, 0.45, random);
    }
    if (random.chance(0.25)) {
      Clutter.box(canvas, random.nextDouble(), skirting + random.between(0.06, 0.2), 0.12, random);
    }
    return new Ground(skirting, 0.5);
  }

  static Ground wall(Canvas canvas, SplitMix64 random) {
    double foot = random.between(0.7, 0.84);
    double hue = random.chance(0.7) ? random.between(0, 32) : random.between(0, 360);
    double saturation = random.between(0.12, 0.6);
    double brightness = random.between(0.45, 0.82);
    canvas.gradient(
        0, foot, Shade.hsb(hue, 0.08, brightness * 0.75), Shade.hsb(hue, 0.08, brightness * 0.7));
    double height = random.between(0.05, 0.085);
    double width = height * random.between(2, 2.6);
    double joint = height * 0.13;
    int course = 0;
    for (double y = foot - height; y > -height; y -= height) {
      double shift = course++ % 2 == 0 ? 0 : -width / 2;
      for (double x = shift; x < 1; x += width) {
        Color brick =
            Shade.hsb(
                hue + random.between(-5, 5),
                saturation * random.between(0.85, 1.1),
                brightness * random.between(0.88, 1.1));
        canvas.rectangle(x, y, width - joint, height - joint, brick);
      }
    }
    Color slab = Shade.hsb(random.between(20, 220), 0.06, random.between(0.45, 0.75));
    canvas.gradient(foot, 1, Shade.lit(slab, 0.85), slab);
    canvas.groundGrain(foot, 12, 10, random);
    if (random.chance(0.25)) {
      Clutter.bush(canvas, random.nextDouble(), foot + 0.02, 0.1, random);
    }
    if (random.chance(0.2)) {
      Clutter.box(canvas, random.nextDouble(), foot + 0.04, 0.12, random);
    }
    return new Ground(foot, 0.5);
  }

  static Ground studio(Canvas canvas, SplitMix64 random) {
    double hue = random.between(0, 360);
    double saturation = random.chance(0.4) ? random.between(0, 0.08) : random.between(0.1, 0.5);
    double brightness = random.between(0.55, 0.95);
    Color paper = Shade.hsb(hue, saturation, brightness);
    double fold = random.between(0.55, 0.75);
    canvas.gradient(0, fold, Shade.lit(paper, 0.82), Shade.lit(paper, 1.04));
    canvas.gradient(fold, 1, Shade.lit(paper, 1.06), Shade.lit(paper, 0.9));
    return new Ground(fold, 0.42);
  }

  private static void facade(
      Canvas canvas, double x, double width, double top, double foot, SplitMix64 random) {
    Color plaster =
        Shade.hsb(random.between(5, 60), random.between(0.08, 0.45), random.between(0.5, 0.9));
    canvas.rectangle(x, top, width, foot - top + 0.01, plaster);
    canvas.rectangle(x, top, width, 0.02, Shade.lit(plaster, 0.78));
    canvas.rectangle(x + width - 0.008, top, 0.008, foot - top, Shade.lit(plaster, 0.7));
    Color glass = Shade.hsb(random.between(195, 230), 0.3, random.between(0.4, 0.75));
    int columns = Math.max(2, (int) (width / 0.1));
    double step = width / columns;
    double storey = random.between(0.12, 0.16);
    for (double y = top + 0.05; y + storey * 0.7 < foot - 0.03; y += storey) {
      for (int i = 0; i < columns; i++) {
        double left = x + (i + 0.25) * step;
        canvas.rectangle(
            left - 0.006,
            y - 0.006,
            step * 0.5 + 0.012,
            storey * 0.6 + 0.012,
            Shade.lit(plaster, 1.18));
        canvas.rectangle(left, y, step * 0.5, storey * 0.6, glass);
      }
    }
    canvas.rectangle(x + width * 0.42, foot - 0.13, width * 0.16, 0.135, Shade.lit(plaster, 0.45));
  }

  private static void stripes(Canvas canvas, double bottom, Color color, SplitMix64 random) {
    double step = random.between(0.06, 0.14);
    for (double x = 0; x < 1; x += step) {
      canvas.rectangle(x, 0, step / 2, bottom, color);
    }
  }

  private static void edgeLine(
      Canvas canvas, double farX, double nearX, double horizon, Color paint) {
    canvas.polygon(
        paint,
        nearX - 0.012,
        1.0,
        farX - 0.001,
        horizon,
        farX + 0.001,
        horizon,
        nearX + 0.012,
        1.0);
  }

  /** A stroke of the middle line between two depths, 0 at the horizon and 1 at the bottom. */
  private static void dash(
      Canvas canvas,
      double vanish,
      double middle,
      double horizon,
      double from,
      double to,
      Color paint) {
    double far = from * from;
    double near = to * to;
    double farX = vanish + (middle - vanish) * far;
    double nearX = vanish + (middle - vanish) * near;
    double farY = horizon + (1 - horizon) * far;
    double nearY = horizon + (1 - horizon) * near;
    canvas.polygon(
        paint,
        farX - 0.014 * far,
        farY,
        farX + 0.014 * far,
        farY,
        nearX + 0.014 * near,
        nearY,
        nearX - 0.014 * near,
        nearY);
  }
}
