package org.syntagen.server.submission;

/** How far a submission has come. */
public enum State {
  /** Committed; its file has not come, or not all of it. */
  AWAITING_UPLOAD("waits for its file"),
  /** Whole; a job will look at it. */
  QUEUED("in the queue"),
  /** A job looks at it. */
  RUNNING("being looked at"),
  /** Checked, or scored. */
  ACCEPTED("accepted"),
  /** The team's mistake. */
  REJECTED("rejected"),
  /** The platform's fault, which costs the team nothing. */
  FAILED("failed by our fault");

  private final String words;

  State(String words) {
    this.words = words;
  }

  /** What people read. */
  public String words() {
    return words;
  }
}
