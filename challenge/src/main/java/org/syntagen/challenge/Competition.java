package org.syntagen.challenge;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A competition, as one file defines it; see {@link CompetitionFile}.
 *
 * @param timeZone the organisers' zone, in which deadlines are announced and days are counted
 * @param phases in order, apart from each other, each kind at most once; the first two are {@link
 *     Phase.Kind#DATASET} and {@link Phase.Kind#TEST}
 * @param prizes by rank, 1 first, without gaps; as many winners are wanted
 */
public record Competition(
    String title,
    String description,
    ZoneId timeZone,
    List<Phase> phases,
    Rules rules,
    Limits limits,
    List<Prize> prizes,
    Tolerance tolerance) {
  /** Checks the order of phases and prizes. */
  public Competition {
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(timeZone, "time_zone");
    Objects.requireNonNull(rules, "rules");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(tolerance, "tolerance");
    phases = List.copyOf(phases);
    prizes = List.copyOf(prizes);
    if (title.isBlank()) {
      throw new IllegalArgumentException("a competition needs a title");
    }
    requireKinds(phases);
    for (int i = 1; i < phases.size(); i++) {
      Phase before = phases.get(i - 1);
      Phase next = phases.get(i);
      if (next.start().isBefore(before.end())) {
        throw new IllegalArgumentException(
            "the phase \"%s\" starts at %s, before \"%s\" has ended at %s; expected no overlap"
                .formatted(next.name(), next.start(), before.name(), before.end()));
      }
    }
    for (int i = 0; i < prizes.size(); i++) {
      if (prizes.get(i).rank() != i + 1) {
        throw new IllegalArgumentException(
            "prize %d has rank %d; expected %1$d: ranks go up from 1 without gaps"
                .formatted(i + 1, prizes.get(i).rank()));
      }
    }
    if (prizes.isEmpty()) {
      throw new IllegalArgumentException("a competition needs at least one prize, of 0 if need be");
    }
  }

  private static void requireKinds(List<Phase> phases) {
    List<Phase.Kind> kinds = phases.stream().map(Phase::kind).toList();
    if (!kinds.equals(kinds.stream().distinct().sorted().toList())
        || !kinds.containsAll(List.of(Phase.Kind.DATASET, Phase.Kind.TEST))) {
      throw new IllegalArgumentException(
          "the phases are of the kinds %s; expected DATASET, TEST and then VERIFICATION and REPORT"
                  .formatted(kinds)
              + " where wanted");
    }
  }

  /** The phase of a kind, if the competition has one. */
  public Optional<Phase> phase(Phase.Kind kind) {
    return phases.stream().filter(phase -> phase.kind() == kind).findFirst();
  }

  /** The phase that is open at an instant, if any. */
  public Optional<Phase> phaseAt(Instant instant) {
    return phases.stream().filter(phase -> phase.contains(instant)).findFirst();
  }

  /** How many verified winners are wanted. */
  public int winners() {
    return prizes.size();
  }
}
