package org.syntagen.challenge.check;

import java.util.List;
import org.syntagen.dataset.Fingerprint;

/**
 * What the rules say of a dataset.
 *
 * @param expected the layout and limits in one line
 * @param found what lies there in one line
 * @param violations one line each, naming the file; empty for a dataset that keeps the rules
 * @param samples the hashes of the pairs that could be read, in the list's order
 */
public record CheckReport(
    String expected, String found, List<String> violations, List<Fingerprint.Entry> samples) {
  /** Copies the lists. */
  public CheckReport {
    violations = List.copyOf(violations);
    samples = List.copyOf(samples);
  }

  /** Whether the dataset keeps the rules. */
  public boolean passed() {
    return violations.isEmpty();
  }
}
