package org.syntagen.segmentation;

import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;

/**
 * The random part of torchvision's segmentation recipe: the shorter side is resized to a multiple
 * of the base size, left and right are exchanged half of the time, and a square is cropped, padded
 * on the right and below where the image is smaller.
 *
 * @param baseSize pixels of the shorter side at scale 1; torchvision's is 520
 * @param cropSize side of the crop in pixels; torchvision's is 480
 * @param leastScale the smallest multiple; torchvision's is 0.5
 * @param mostScale the largest multiple; torchvision's is 2
 * @param colorJitter how strongly brightness, contrast, saturation and hue vary, 0 to 1;
 *     torchvision's is 0
 */
public record Augmentation(
    int baseSize, int cropSize, double leastScale, double mostScale, double colorJitter) {
  /** The largest size in pixels that is accepted for either. */
  public static final int MOST_SIZE = 4096;

  private static final double MIRROR_CHANCE = 0.5;

  /**
   * Checks the ranges.
   *
   * @throws InputException if a size is out of 2 to {@value #MOST_SIZE} pixels, or a scale out of
   *     0.1 to 10
   */
  public Augmentation {
    check("base size", baseSize);
    check("crop size", cropSize);
    if (!(leastScale >= 0.1 && mostScale >= leastScale && mostScale <= 10)) {
      throw new InputException(
          "random resizing runs from %s to %s; expected 0.1 ≤ least ≤ most ≤ 10"
              .formatted(leastScale, mostScale));
    }
    if (!(colorJitter >= 0 && colorJitter <= 1)) {
      throw new InputException("the color jitter is " + colorJitter + "; expected 0 to 1");
    }
  }

  /** torchvision's: scales 0.5 to 2, colours as they are. */
  public Augmentation(int baseSize, int cropSize) {
    this(baseSize, cropSize, 0.5, 2.0, 0);
  }

  private static void check(String name, int size) {
    if (size < 2 || size > MOST_SIZE) {
      throw new InputException(
          "the %s is %d pixels; expected 2 to %d".formatted(name, size, MOST_SIZE));
    }
  }

  /**
   * The placement of an image of the given size: a pure function of the seed and the draw, so that
   * neither threads nor interruptions change it.
   *
   * @param draw number of the image within the run, counting every image of every batch from 0
   */
  Placement draw(long seed, long draw, int width, int height) {
    SplitMix64 random = new SplitMix64(SplitMix64.mix(seed) + draw).split(0);
    int least = Math.max(1, (int) (leastScale * baseSize));
    int side = random.inclusive(least, (int) (mostScale * baseSize));
    boolean mirrored = random.chance(MIRROR_CHANCE);
    Placement scaled = Placement.shorterSide(width, height, side, mirrored, 0, 0);
    int left = random.inclusive(0, Math.max(0, scaled.width() - cropSize));
    int top = random.inclusive(0, Math.max(0, scaled.height() - cropSize));
    return new Placement(scaled.width(), scaled.height(), mirrored, left, top);
  }

  /** The change of colours of a draw, as pure a function as {@link #draw}. */
  ColorShift colorShift(long seed, long draw) {
    return ColorShift.draw(new SplitMix64(SplitMix64.mix(seed) + draw).split(1), colorJitter);
  }
}
