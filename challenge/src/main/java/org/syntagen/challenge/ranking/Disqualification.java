package org.syntagen.challenge.ranking;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One organiser's proposal to take an entry out, in force once a second one has signed it off.
 *
 * @param reason for everybody to read
 * @param evidence what it rests on, e.g. names of files in an evidence folder; at least one
 * @param proposed who proposed it, and when
 * @param signedOff who agreed, and when; empty until then
 */
public record Disqualification(
    String reason, List<String> evidence, Signature proposed, Optional<Signature> signedOff) {

  /**
   * An organiser's name under a decision.
   *
   * @param organiser who
   * @param time when
   */
  public record Signature(String organiser, Instant time) {}

  /** Checks that there are a reason, evidence and two different organisers. */
  public Disqualification {
    evidence = List.copyOf(evidence);
    if (reason.isBlank() || evidence.isEmpty()) {
      throw new IllegalArgumentException("a disqualification needs a reason and evidence");
    }
    if (signedOff.filter(second -> second.organiser.equals(proposed.organiser)).isPresent()) {
      throw new IllegalArgumentException(
          proposed.organiser
              + " proposed the disqualification; another organiser must sign it off");
    }
  }

  /** A proposal that is not yet in force. */
  public static Disqualification propose(
      String reason, List<String> evidence, String organiser, Clock clock) {
    return new Disqualification(
        reason, evidence, new Signature(organiser, clock.instant()), Optional.empty());
  }

  /**
   * The disqualification in force.
   *
   * @throws IllegalArgumentException if the organiser is the one who proposed it
   * @throws IllegalStateException if it is in force already
   */
  public Disqualification signOff(String organiser, Clock clock) {
    if (inForce()) {
      throw new IllegalStateException("the disqualification is signed off already");
    }
    return new Disqualification(
        reason, evidence, proposed, Optional.of(new Signature(organiser, clock.instant())));
  }

  /** Whether a second organiser has agreed. */
  public boolean inForce() {
    return signedOff.isPresent();
  }
}
