package org.syntagen.challenge.verification;

/** What replicating an entry came to, best first. */
public enum Verdict {
  /** Every pixel came out equal. */
  EXACT,
  /** The pairs came out as near to the submitted ones as the competition asks for. */
  WITHIN_TOLERANCE,
  /** Something came out different. */
  MISMATCH,
  /** Nothing came out. */
  NOT_RUNNABLE,
  /** The entry breaks the rules, whatever comes out. */
  RULE_VIOLATION;

  /** Whether an entry with this verdict may win. */
  public boolean passed() {
    return this == EXACT || this == WITHIN_TOLERANCE;
  }
}
