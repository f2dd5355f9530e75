package org.syntagen.challenge.submission;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Optional;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Limits;
import org.syntagen.challenge.Phase;

/**
 * How often a team may still submit in a phase. Days are those of the competition's zone, so one
 * has 23 or 25 hours when clocks change.
 *
 * @param limits of the competition
 * @param zone the competition's
 */
public record Quota(Limits limits, ZoneId zone) {
  /** The quota of a competition. */
  public static Quota of(Competition competition) {
    return new Quota(competition.limits(), competition.timeZone());
  }

  /**
   * Why a team may not submit now, in one line; empty if it may.
   *
   * @param counted when the team submitted in this phase, without submissions that failed through
   *     the platform's fault
   */
  public Optional<String> refusal(Collection<Instant> counted, Phase phase, Instant now) {
    if (!phase.contains(now)) {
      return Optional.of(
          "the phase \"%s\" is open from %s until %s; it is %s"
              .formatted(phase.name(), phase.start(), phase.end(), now));
    }
    if (counted.size() >= limits.maxSubmissions()) {
      return Optional.of(
          "all %d submissions of the phase \"%s\" are used"
              .formatted(limits.maxSubmissions(), phase.name()));
    }
    LocalDate today = LocalDate.ofInstant(now, zone);
    long ofToday =
        counted.stream().filter(at -> LocalDate.ofInstant(at, zone).equals(today)).count();
    if (ofToday >= limits.maxSubmissionsPerDay()) {
      return Optional.of(
          "all %d submissions of %s are used; the next day starts at %s"
              .formatted(
                  limits.maxSubmissionsPerDay(),
                  today,
                  today.plusDays(1).atStartOfDay(zone).toInstant()));
    }
    return Optional.empty();
  }
}
