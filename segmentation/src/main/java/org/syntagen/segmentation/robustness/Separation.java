package org.syntagen.segmentation.robustness;

import java.util.Arrays;

/**
 * How well a score tells familiar images from others.
 *
 * @param auroc the chance that a familiar image scores higher than another one, ties counting half:
 *     the area under the receiver operating characteristic, 0.5 for no separation
 * @param falsePositiveRate the fraction of the others above the threshold that 95 % of the familiar
 *     images reach
 */
public record Separation(double auroc, double falsePositiveRate) {
  private static final double TRUE_POSITIVE_RATE = 0.95;

  /**
   * @param familiar scores, at least one
   * @param others scores, at least one
   */
  public static Separation of(double[] familiar, double[] others) {
    double wins = 0;
    for (double a : familiar) {
      for (double b : others) {
        wins += a > b ? 1 : a == b ? 0.5 : 0;
      }
    }
    double[] sorted = familiar.clone();
    Arrays.sort(sorted);
    int mustReach = (int) Math.ceil(TRUE_POSITIVE_RATE * sorted.length);
    double threshold = sorted[sorted.length - mustReach];
    double above = Arrays.stream(others).filter(score -> score >= threshold).count();
    return new Separation(wins / familiar.length / others.length, above / others.length);
  }
}
