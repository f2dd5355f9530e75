package org.syntagen.challenge.submission;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.syntagen.challenge.Phase;

/**
 * A manifest that the host has given a receipt for, and whether its package has come.
 *
 * @param team the team's name
 * @param manifest {@link Manifest#hash}
 * @param committed the receipt's time
 * @param arrived when the last byte of the package had come; empty until then
 */
public record Commitment(
    String team, String manifest, Instant committed, Optional<Instant> arrived) {

  /**
   * Whether the commitment was made within a phase and its package came no later than the grace
   * period after it. The manifest's instant decides: an upload may straddle the deadline.
   */
  public boolean inTime(Phase phase, Duration grace) {
    return phase.contains(committed)
        && arrived.filter(instant -> instant.isBefore(phase.end().plus(grace))).isPresent();
  }

  /** The commitment of each team that counts: its latest one in time. */
  public static Map<String, Commitment> counting(
      Collection<Commitment> commitments, Phase phase, Duration grace) {
    Map<String, Commitment> counting = new TreeMap<>();
    commitments.stream()
        .filter(commitment -> commitment.inTime(phase, grace))
        .sorted(Comparator.comparing(Commitment::committed))
        .forEach(commitment -> counting.put(commitment.team, commitment));
    return counting;
  }
}
