package org.syntagen.challenge.verification;

import org.syntagen.challenge.Tolerance;

/**
 * A network trained again on an entry's pairs as the rules say, by its score on the test images.
 *
 * @param submitted the score of the team's own network, in percent
 * @param replica the score of the one that was trained now, in percent
 */
public record Retraining(double submitted, double replica) {
  /** What the scores come to. */
  public Verdict verdict(Tolerance tolerance) {
    if (replica == submitted) {
      return Verdict.EXACT;
    }
    return Math.abs(replica - submitted) <= tolerance.maxMiouDifference()
        ? Verdict.WITHIN_TOLERANCE
        : Verdict.MISMATCH;
  }

  /** The scores in a few words. */
  String words(Tolerance tolerance) {
    return "a network trained again has mIoU %.2f, the team's %.2f; expected at most %.2f apart"
        .formatted(replica, submitted, tolerance.maxMiouDifference());
  }
}
