package org.syntagen.challenge;

/**
 * When a replication counts as the same result. Floating-point kernels differ between devices, so
 * equal bytes cannot be demanded of every team; published entries moved by 0.5 to 3 points of mIoU
 * from one training to another.
 *
 * @param samples how many samples are generated again
 * @param minPsnr the least peak signal-to-noise ratio of each image to its replica, in dB
 * @param minMaskIou the least agreement of each mask with its replica, 0 to 1
 * @param maxMiouDifference the most that the score of a network trained again may differ, in points
 */
public record Tolerance(int samples, double minPsnr, double minMaskIou, double maxMiouDifference) {
  /** Checks the ranges. */
  public Tolerance {
    Ranges.within("samples", samples, 1, 10_000);
    Ranges.within("min_psnr", minPsnr, 0, 100);
    Ranges.within("min_mask_iou", minMaskIou, 0, 1);
    Ranges.within("max_miou_difference", maxMiouDifference, 0, 100);
  }
}
