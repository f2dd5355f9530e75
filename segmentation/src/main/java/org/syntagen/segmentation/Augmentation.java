package org.syntagen.segmentation;

import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;

/**
 * The random part of torchvision's segmentation recipe: the shorter side is resized to 0.5–2 times
 * the base size, left and right are exchanged half of the time, and a square is cropped, padded on
 * the right and below where the image is smaller.
 *
 * @param baseSize pixels of the shorter side at scale 1; torchvision's is 520
 * @param cropSize side of the crop in pixels; torchvision's is 480
 */
public record Augmentation(int baseSize, int cropSize) {
  /** The largest size in pixels that is accepted for either. */
  public static final int MOST_SIZE = 4096;

  private static final double LEAST_SCALE = 0.5;
  private static final double MOST_SCALE = 2.0;
  private static final double MIRROR_CHANCE = 0.5;

  /**
   * Checks the ranges.
   *
   * @throws InputException if a size is out of 2 to {@value #MOST_SIZE} pixels
   */
  public Augmentation {
    check("base size", baseSize);
    check("crop size", cropSize);
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
    int least = Math.max(1, (int) (LEAST_SCALE * baseSize));
    int side = random.inclusive(least, (int) (MOST_SCALE * baseSize));
    boolean mirrored = random.chance(MIRROR_CHANCE);
    Placement scaled = Placement.shorterSide(width, height, side, mirrored, 0, 0);
    int left = random.inclusive(0, Math.max(0, scaled.width() - cropSize));
    int top = random.inclusive(0, Math.max(0, scaled.height() - cropSize));
    return new Placement(scaled.width(), scaled.height(), mirrored, left, top);
  }
}
