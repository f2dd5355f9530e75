package org.syntagen.segmentation;

import java.util.Arrays;
import org.syntagen.dataset.ClassSet;
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
 * @param mostOfOneClass crops in which one class has this share of the labelled pixels or more are
 *     drawn anew, up to ten times: mmsegmentation's {@code cat_max_ratio}; 1 takes any crop
 * @param colorJitter how strongly brightness, contrast, saturation and hue vary, 0 to 1;
 *     torchvision's is 0
 */
public record Augmentation(
    int baseSize,
    int cropSize,
    double leastScale,
    double mostScale,
    double mostOfOneClass,
    double colorJitter) {
  /** The largest size in pixels that is accepted for either. */
  public static final int MOST_SIZE = 4096;

  private static final double MIRROR_CHANCE = 0.5;
  private static final int CROP_TRIES = 10;

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
    Ranges.require(
        mostOfOneClass > 0 && mostOfOneClass <= 1,
        "largest share of one class",
        mostOfOneClass,
        "more than 0, at most 1");
    if (!(colorJitter >= 0 && colorJitter <= 1)) {
      throw new InputException("the color jitter is " + colorJitter + "; expected 0 to 1");
    }
  }

  /** torchvision's: scales 0.5 to 2, colours as they are. */
  public Augmentation(int baseSize, int cropSize) {
    this(baseSize, cropSize, 0.5, 2.0, 1, 0);
  }

  private static void check(String name, int size) {
    if (size < 2 || size > MOST_SIZE) {
      throw new InputException(
          "the %s is %d pixels; expected 2 to %d".formatted(name, size, MOST_SIZE));
    }
  }

  /**
   * The placement of an image: a pure function of the seed, the draw and the image, so that neither
   * threads nor interruptions change it.
   *
   * @param draw number of the image within the run, counting every image of every batch from 0
   */
  Placement draw(long seed, long draw, LabeledImage image) {
    SplitMix64 random = new SplitMix64(SplitMix64.mix(seed) + draw).split(0);
    int least = Math.max(1, (int) (leastScale * baseSize));
    int side = random.inclusive(least, (int) (mostScale * baseSize));
    boolean mirrored = random.chance(MIRROR_CHANCE);
    Placement scaled = Placement.shorterSide(image.width(), image.height(), side, mirrored, 0, 0);
    Placement crop = crop(scaled, random);
    for (int again = 0; again < CROP_TRIES && isOneSided(image, crop); again++) {
      crop = crop(scaled, random);
    }
    return crop;
  }

  private Placement crop(Placement scaled, SplitMix64 random) {
    int left = random.inclusive(0, Math.max(0, scaled.width() - cropSize));
    int top = random.inclusive(0, Math.max(0, scaled.height() - cropSize));
    return new Placement(scaled.width(), scaled.height(), scaled.mirrored(), left, top);
  }

  private boolean isOneSided(LabeledImage image, Placement crop) {
    if (mostOfOneClass == 1) {
      return false;
    }
    long[] labels = new long[cropSize * cropSize];
    int labelled = new Window(cropSize, cropSize).drawLabels(image, crop, labels, 0);
    int[] counts = new int[ClassSet.VOID + 1];
    for (long label : labels) {
      counts[(int) label]++;
    }
    counts[ClassSet.VOID] = 0;
    return Arrays.stream(counts).max().orElseThrow() >= mostOfOneClass * labelled;
  }

  /** The change of colours of a draw, as pure a function as {@link #draw}. */
  ColorShift colorShift(long seed, long draw) {
    return ColorShift.draw(new SplitMix64(SplitMix64.mix(seed) + draw).split(1), colorJitter);
  }
}
