package org.syntagen.challenge.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.BoundedLines;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;

/**
 * A log that only grows. Each entry carries the hash of the one ahead of it, so that changing,
 * removing or inserting an entry breaks the chain from there on. That the last entries were not cut
 * off shows only against a head that was published before. Thread-safe.
 */
public final class AuditLog {
  private static final int MOST_LINE_BYTES = 1 << 20;
  private static final int MOST_LINES = 1_000_000;

  /**
   * What an exported log is worth.
   *
   * @param entries how many hold, from the first on
   * @param head the hash of the last of these; 64 zeros if there is none
   * @param broken why the next one does not hold, with its line; empty if all hold
   */
  public record Verification(int entries, String head, Optional<String> broken) {}

  private final Clock clock;
  private final List<AuditEntry> entries = new ArrayList<>();

  /** An empty log that takes its times from a clock. */
  public AuditLog(Clock clock) {
    this.clock = clock;
  }

  /** Adds an entry; see {@link AuditEntry#after}. */
  public synchronized AuditEntry append(String actor, String action, Map<String, Object> details) {
    AuditEntry entry = AuditEntry.after(last(), clock.instant(), actor, action, details);
    entries.add(entry);
    return entry;
  }

  /** All entries so far. */
  public synchronized List<AuditEntry> entries() {
    return List.copyOf(entries);
  }

  /** The hash of the last entry, to be published; 64 zeros if there is none. */
  public synchronized String head() {
    return last().map(AuditEntry::hash).orElse(AuditEntry.NONE);
  }

  private Optional<AuditEntry> last() {
    return entries.isEmpty() ? Optional.empty() : Optional.of(entries.get(entries.size() - 1));
  }

  /**
   * Writes one line of JSON an entry; the file appears under its name only when whole.
   *
   * @throws StorageException if it cannot be written
   */
  public void export(Path file) {
    String lines =
        entries().stream().map(entry -> entry.toLine() + "\n").collect(Collectors.joining());
    try {
      AtomicFile.writeText(file, lines);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
  }

  /**
   * Follows the chain of an exported log up to its end or the first entry that does not hold.
   *
   * @throws InputException if the file cannot be read as lines of text
   */
  public static Verification verify(Path file) {
    List<String> lines = BoundedLines.read(file, MOST_LINE_BYTES, MOST_LINES).all();
    AuditEntry last = null;
    for (int number = 1; number <= lines.size(); number++) {
      String where = "entry " + number;
      String line = lines.get(number - 1);
      try {
        AuditEntry entry = AuditEntry.parse(line, where);
        requireNext(entry, line, number, last);
        last = entry;
      } catch (InputException e) {
        return new Verification(number - 1, hash(last), Optional.of(e.getMessage()));
      } catch (IllegalArgumentException e) {
        return new Verification(number - 1, hash(last), Optional.of(where + " " + e.getMessage()));
      }
    }
    return new Verification(lines.size(), hash(last), Optional.empty());
  }

  private static String hash(AuditEntry entry) {
    return entry == null ? AuditEntry.NONE : entry.hash();
  }

  private static void requireNext(AuditEntry entry, String line, int number, AuditEntry before) {
    if (entry.number() != number) {
      throw new IllegalArgumentException("says it is number " + entry.number());
    }
    if (!entry.previous().equals(hash(before))) {
      throw new IllegalArgumentException("does not follow the one ahead of it");
    }
    if (before != null && entry.time().isBefore(before.time())) {
      throw new IllegalArgumentException("is older than the one ahead of it");
    }
    if (!entry.hash().equals(entry.contentHash()) || !entry.toLine().equals(line)) {
      throw new IllegalArgumentException("is not what its hash was taken of");
    }
  }
}
