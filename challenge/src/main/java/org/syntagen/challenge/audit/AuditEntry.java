package org.syntagen.challenge.audit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.syntagen.challenge.Documents;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;

/**
 * One line of the audit log.
 *
 * @param number 1 for the first
 * @param time when it was written, never before the entry ahead of it
 * @param actor who did it
 * @param action what was done, e.g. {@code commit} or {@code disqualify}
 * @param details what it was done to and why
 * @param previous the hash of the entry ahead of it; 64 zeros for the first
 * @param hash SHA-256 of all of the above as canonical JSON, in lower-case hex
 */
public record AuditEntry(
    int number,
    Instant time,
    String actor,
    String action,
    Map<String, Object> details,
    String previous,
    String hash) {
  /** What the first entry has instead of a hash ahead of it. */
  public static final String NONE = "0".repeat(64);

  /** Copies the map. */
  public AuditEntry {
    details = Collections.unmodifiableMap(new TreeMap<>(details));
  }

  /**
   * The entry that follows another one. Should the clock have gone back, it has the other's time.
   *
   * @param last empty for the first entry of a log
   * @param details strings, numbers, booleans, lists and maps of them
   */
  public static AuditEntry after(
      Optional<AuditEntry> last,
      Instant now,
      String actor,
      String action,
      Map<String, Object> details) {
    Instant time = now.truncatedTo(ChronoUnit.MILLIS);
    return new AuditEntry(
            last.map(AuditEntry::number).orElse(0) + 1,
            last.map(AuditEntry::time).filter(time::isBefore).orElse(time),
            actor,
            action,
            details,
            last.map(AuditEntry::hash).orElse(NONE),
            "")
        .withHash();
  }

  /**
   * The entry that {@link #toLine} wrote; its hash is not looked at.
   *
   * @param where what to call the line in an error
   * @throws InputException if it is damaged
   */
  public static AuditEntry parse(String line, String where) {
    return Documents.fromJson(line, AuditEntry.class, where);
  }

  private AuditEntry withHash() {
    return new AuditEntry(number, time, actor, action, details, previous, contentHash());
  }

  /** What {@link #hash} must be. */
  String contentHash() {
    Map<String, Object> content = new LinkedHashMap<>();
    content.put("number", number);
    content.put("time", time.toString());
    content.put("actor", actor);
    content.put("action", action);
    content.put("details", details);
    content.put("previous", previous);
    return Fingerprint.ofText(Documents.toCanonicalJson(content));
  }

  /** The entry as a line of canonical JSON, without a line break. */
  public String toLine() {
    return Documents.toCanonicalJson(this);
  }
}
