package org.syntagen.dataset.scenes;

import java.awt.Color;
import org.syntagen.dataset.SplitMix64;

/** Backgrounds out of doors: grass, sky, sea, beach, snow, hills and forest. */
final class Landscape {
  private Landscape() {}

  static Ground grass(Canvas canvas, SplitMix64 random) {
    double horizon = random.between(0.28, 0.52);
    Sky.paint(canvas, horizon, random);
    Color meadow = meadow(random);
    if (random.chance(0.5)) {
      Color far = Shade.mix(Shade.lit(meadow, 0.75), new Color(170, 190, 205), 0.3);
      Sky.hills(canvas, horizon, random.between(0.05, 0.14), far, random);
    }
    canvas.gradient(horizon, 1, Shade.lit(meadow, 1.12), Shade.lit(meadow, 0.85));
    canvas.groundGrain(horizon, random.between(10, 22), 20, random);
    int things = random.nextInt(4);
    for (int i = 0; i < things; i++) {
      double x = random.nextDouble();
      double y = horizon + random.between(0.01, 0.05);
      switch (random.nextInt(3)) {
        case 0 -> Clutter.bush(canvas, x, y, random.between(0.06, 0.11), random);
        case 1 -> Clutter.tree(canvas, x, y, random.between(0.18, 0.32), random);
        default -> Clutter.rock(canvas, x, y + 0.05, random.between(0.02, 0.05), random);
      }
    }
    if (random.chance(0.15)) {
      Clutter.fence(canvas, horizon + 0.05, 0.09, random);
    }
    blades(canvas, horizon, meadow, random);
    return new Ground(horizon, 0.5);
  }

  static Ground sky(Canvas canvas, SplitMix64 random) {
    Sky.paintWhole(canvas, random);
    return Ground.none();
  }

  static Ground sea(Canvas canvas, SplitMix64 random) {
    double horizon = random.between(0.25, 0.5);
    Sky.paint(canvas, horizon, random);
    if (random.chance(0.4)) {
      Color island = Shade.hsb(random.between(140, 215), 0.25, random.between(0.45, 0.7));
      Sky.hills(canvas, horizon, random.between(0.03, 0.1), island, random);
    }
    double hue = random.between(178, 218);
    double saturation = random.between(0.45, 0.75);
    double brightness = random.between(0.55, 0.85);
    Color far = Shade.hsb(hue - 4, saturation * 0.8, brightness * 1.1);
    canvas.gradient(horizon, 1, far, Shade.hsb(hue + 6, saturation, brightness * 0.8));
    canvas.groundGrain(horizon, random.between(4, 8), 14, random);
    Color crest = Shade.veil(Color.WHITE, 0.4);
    for (int i = 0; i < 26; i++) {
      double near = random.nextDouble();
      double y = horizon + 0.01 + (1 - horizon) * near * near;
      double length = 0.02 + 0.08 * near;
      canvas.ellipse(random.nextDouble(), y, length, 0.002 + 0.004 * near, crest);
    }
    return new Ground(horizon, 0.28);
  }

  static Ground beach(Canvas canvas, SplitMix64 random) {
    double horizon = random.between(0.22, 0.36);
    double shore = horizon + random.between(0.08, 0.2);
    Sky.paint(canvas, horizon, random);
    double hue = random.between(178, 210);
    canvas.gradient(horizon, shore, Shade.hsb(hue, 0.6, 0.7), Shade.hsb(hue - 6, 0.4, 0.88));
    Color sand =
        Shade.hsb(random.between(32, 46), random.between(0.25, 0.45), random.between(0.82, 0.95));
    canvas.gradient(shore, 1, Shade.lit(sand, 1.04), Shade.lit(sand, 0.9));
    canvas.groundGrain(shore, random.between(14, 30), 12, random);
    Color foam = Shade.veil(Color.WHITE, 0.75);
    double phase = random.between(0, 6);
    for (int i = 0; i < 12; i++) {
      double x = i / 11.0;
      canvas.ellipse(x, shore + 0.008 * StrictMath.sin(phase + 7 * x), 0.07, 0.009, foam);
    }
    if (random.chance(0.35)) {
      Clutter.parasol(
          canvas, random.nextDouble(), shore + random.between(0.05, 0.15), 0.25, random);
    }
    rocks(canvas, random.nextInt(4), shore + 0.02, 0.99, random);
    return new Ground(shore, 0.45);
  }

  static Ground snow(Canvas canvas, SplitMix64 random) {
    double horizon = random.between(0.3, 0.5);
    Sky.paint(canvas, horizon, random);
    double hue = random.between(200, 230);
    Color white = Shade.hsb(hue, random.between(0.02, 0.07), random.between(0.94, 1));
    if (random.chance(0.6)) {
      Sky.hills(canvas, horizon, random.between(0.08, 0.22), Shade.hsb(hue, 0.14, 0.84), random);
    }
    canvas.gradient(horizon, 1, white, Shade.mix(white, Shade.hsb(hue, 0.2, 0.9), 0.6));
    canvas.groundGrain(horizon, random.between(3, 6), 10, random);
    int firs = random.nextInt(5);
    for (int i = 0; i < firs; i++) {
      double y = horizon + random.between(0.01, 0.06);
      Clutter.fir(canvas, random.nextDouble(), y, random.between(0.14, 0.3), 0.45, random);
    }
    rocks(canvas, random.nextInt(2), horizon + 0.08, 0.95, random);
    return new Ground(horizon, 0.4);
  }

  static Ground hills(Canvas canvas, SplitMix64 random) {
    double horizon = random.between(0.5, 0.62);
    Sky.paint(canvas, horizon, random);
    Color haze = Shade.hsb(random.between(195, 225), 0.25, 0.85);
    Color near = Shade.hsb(random.between(60, 125), random.between(0.35, 0.6), 0.55);
    int ranges = random.inclusive(2, 3);
    for (int i = 0; i < ranges; i++) {
      double closeness = (i + 1.0) / (ranges + 1);
      double base = horizon - 0.12 * (1 - closeness);
      double height = random.between(0.16, 0.34) * (1.2 - closeness);
      Sky.hills(canvas, horizon, height + horizon - base, Shade.mix(haze, near, closeness), random);
    }
    canvas.gradient(horizon, 1, Shade.lit(near, 1.05), Shade.lit(near, 0.82));
    canvas.groundGrain(horizon, random.between(8, 16), 18, random);
    int things = random.nextInt(4);
    for (int i = 0; i < things; i++) {
      double y = horizon + random.between(0, 0.04);
      if (random.chance(0.5)) {
        Clutter.tree(canvas, random.nextDouble(), y, random.between(0.12, 0.22), random);
      } else {
        Clutter.bush(canvas, random.nextDouble(), y, random.between(0.04, 0.07), random);
      }
    }
    return new Ground(horizon, 0.5);
  }

  static Ground forest(Canvas canvas, SplitMix64 random) {
    double horizon = random.between(0.45, 0.6);
    double hue = random.between(80, 150);
    double light = random.between(0.25, 0.6);
    double floor = horizon + 0.04;
    canvas.gradient(
        0, floor, Shade.hsb(hue, 0.5, light * 0.7), Shade.hsb(hue - 15, 0.35, light + 0.2));
    canvas.grain(0, floor, 14, 14, 26, random);
    double barkHue = random.between(15, 40);
    int trunks = random.inclusive(6, 11);
    for (int i = 0; i < trunks; i++) {
      double near = (i + 1.0) / trunks;
      Color bark = Shade.hsb(barkHue, 0.35, light * 0.5 + 0.3 * (1 - near));
      double width = 0.015 + 0.035 * near * random.between(0.7, 1.3);
      double x = random.nextDouble();
      double foot = horizon + 0.06 * near;
      canvas.polygon(
          bark, x - width, foot, x - width * 0.7, 0, x + width * 0.7, 0, x + width, foot);
    }
    Color soil = Shade.hsb(random.between(30, 110), random.between(0.3, 0.5), light * 0.6 + 0.2);
    for (int i = 0; i < 7; i++) {
      Clutter.bush(canvas, i / 6.0, floor + 0.01, random.between(0.06, 0.12), random);
    }
    canvas.gradient(floor, 1, Shade.lit(soil, 1.05), Shade.lit(soil, 0.8));
    canvas.groundGrain(floor, random.between(10, 20), 24, random);
    return new Ground(floor, 0.5);
  }

  private static Color meadow(SplitMix64 random) {
    return Shade.hsb(
        random.between(72, 130), random.between(0.45, 0.72), random.between(0.5, 0.72));
  }

  private static void blades(Canvas canvas, double horizon, Color meadow, SplitMix64 random) {
    for (int i = 0; i < 40; i++) {
      double near = random.nextDouble();
      double x = random.nextDouble();
      double y = horizon + 0.03 + (0.97 - horizon) * near;
      double length = 0.01 + 0.03 * near;
      Color shade = Shade.lit(meadow, random.between(0.7, 1.25));
      canvas.line(
          x, y, x + random.between(-0.3, 0.3) * length, y - length, 0.004 + 0.003 * near, shade);
    }
  }

  private static void rocks(
      Canvas canvas, int count, double top, double bottom, SplitMix64 random) {
    for (int i = 0; i < count; i++) {
      double y = random.between(top, bottom);
      Clutter.rock(canvas, random.nextDouble(), y, random.between(0.02, 0.055), random);
    }
  }
}
