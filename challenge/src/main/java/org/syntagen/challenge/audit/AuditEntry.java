package org.syntagen.challenge.audit;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.syntagen.challenge.Documents;
import org.syntagen.dataset.Fingerprint;

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
  static final String NONE = "0".repeat(64);

  /** Copies the map. */
  public AuditEntry {
    details = Collections.unmodifiableMap(new TreeMap<>(details));
  }

  /** The entry that follows a hash. */
  static AuditEntry after(
      String previous,
      int number,
      Instant time,
      String actor,
      String action,
      Map<String, Object> details) {
    return new AuditEntry(number, time, actor, action, details, previous, "").withHash();
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
  String toLine() {
    return Documents.toCanonicalJson(this);
  }
}
