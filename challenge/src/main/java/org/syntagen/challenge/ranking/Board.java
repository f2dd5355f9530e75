package org.syntagen.challenge.ranking;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One of three rankings that must not be taken for each other. Higher scores come first; of equal
 * ones, the entry that was committed earlier. What failed, or has no score yet, is not on a board.
 */
public enum Board {
  /** By what teams claim. */
  PROVISIONAL(Entry::claimed),
  /** By what the host computed from the teams' predictions. */
  RECOMPUTED(Entry::recomputed),
  /** As {@link #RECOMPUTED}, of the entries alone whose pairs were made again. */
  VERIFIED(entry -> entry.recomputed().filter(score -> entry.verified()));

  /**
   * A row of a board.
   *
   * @param rank 1 for the first; no two share one
   * @param score in percent
   */
  public record Row(int rank, Entry entry, double score) {}

  private final Function<Entry, Optional<Double>> score;

  Board(Function<Entry, Optional<Double>> score) {
    this.score = score;
  }

  /** The entries in order. */
  public List<Row> of(Collection<Entry> entries) {
    List<Row> rows = new ArrayList<>();
    entries.stream()
        .filter(entry -> entry.out().isEmpty() && score.apply(entry).isPresent())
        .sorted(
            Comparator.comparing((Entry entry) -> score.apply(entry).orElseThrow())
                .reversed()
                .thenComparing(Entry::committed)
                .thenComparing(Entry::team))
        .forEach(entry -> rows.add(new Row(rows.size() + 1, entry, score.apply(entry).get())));
    return rows;
  }
}
