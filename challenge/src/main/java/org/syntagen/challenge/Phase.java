package org.syntagen.challenge;

import java.time.Instant;
import java.util.Objects;

/**
 * A part of the competition: from {@code start} up to, and not including, {@code end}.
 *
 * @param name what visitors read
 * @param kind what teams may do in it
 */
public record Phase(String name, Kind kind, Instant start, Instant end) {
  /** What teams may do in a phase, in the order in which phases follow each other. */
  public enum Kind {
    /** Commit to a seed, a dataset and a trained network. */
    DATASET,
    /** Submit predictions for the private test images. */
    TEST,
    /** Wait while organisers replicate the best entries. */
    VERIFICATION,
    /** Hand in reports and code. */
    REPORT
  }

  /** Checks that the phase has a name and ends after it starts. */
  public Phase {
    Objects.requireNonNull(kind, "kind");
    if (name.isBlank()) {
      throw new IllegalArgumentException("a phase needs a name");
    }
    if (!start.isBefore(end)) {
      throw new IllegalArgumentException(
          "the phase \"%s\" ends at %s and starts at %s; expected an end after the start"
              .formatted(name, end, start));
    }
  }

  /** Whether the phase is open at an instant. */
  public boolean contains(Instant instant) {
    return !instant.isBefore(start) && instant.isBefore(end);
  }
}
