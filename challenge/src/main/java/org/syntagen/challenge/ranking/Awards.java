package org.syntagen.challenge.ranking;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * How far the way down the board has led to verified winners. What is out makes room for the next
 * in line; nobody wins before everyone above is decided.
 *
 * @param winners in order; final
 * @param undecided the entries that are to be verified or decided on next, best first
 */
public record Awards(List<Entry> winners, List<Entry> undecided) {
  /** Copies the lists. */
  public Awards {
    winners = List.copyOf(winners);
    undecided = List.copyOf(undecided);
  }

  /**
   * Walks down the recomputed board.
   *
   * @param wanted how many winners there are to be
   */
  public static Awards of(Collection<Entry> entries, int wanted) {
    List<Entry> winners = new ArrayList<>();
    List<Entry> undecided = new ArrayList<>();
    Board.RECOMPUTED.of(entries).stream()
        .limit(wanted)
        .map(Board.Row::entry)
        .forEach(
            entry -> {
              if (!entry.verified()) {
                undecided.add(entry);
              } else if (undecided.isEmpty()) {
                winners.add(entry);
              }
            });
    return new Awards(winners, undecided);
  }
}
