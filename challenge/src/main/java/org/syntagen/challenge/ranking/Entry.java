package org.syntagen.challenge.ranking;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.syntagen.challenge.verification.Verdict;

/**
 * A team's entry as far as it has come. Scores are mIoU in percent, 0 to 100.
 *
 * @param team the team's name
 * @param committed when it committed to its dataset, which breaks ties
 * @param claimed the score that the team reports
 * @param recomputed the score that the host computed; empty until then, or if that failed
 * @param verdict of the replication; empty until there is one
 * @param disqualification proposed or in force, if any
 */
public record Entry(
    String team,
    Instant committed,
    Optional<Double> claimed,
    Optional<Double> recomputed,
    Optional<Verdict> verdict,
    Optional<Disqualification> disqualification) {

  /** Checks that scores are percentages; not a number is none. */
  public Entry {
    for (Optional<Double> score : List.of(claimed, recomputed)) {
      if (score.isPresent() && !(score.get() >= 0 && score.get() <= 100)) {
        throw new IllegalArgumentException(
            "%s's score is %s; expected 0 to 100".formatted(team, score.get()));
      }
    }
  }

  /** What takes the entry out of every board, in words; empty if nothing does. */
  public Optional<String> out() {
    if (disqualification.filter(Disqualification::inForce).isPresent()) {
      return disqualification.map(Disqualification::reason);
    }
    return verdict.filter(found -> !found.passed()).map(found -> "verification: " + found);
  }

  /** Whether the entry may win now: verified, and nobody has proposed to disqualify it. */
  public boolean verified() {
    return recomputed.isPresent()
        && verdict.filter(Verdict::passed).isPresent()
        && disqualification.isEmpty();
  }
}
