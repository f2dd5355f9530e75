package org.syntagen.server.access;

/** What an account may do. Who is not signed in is a visitor. */
public enum Role {
  /** Be in a team and submit. */
  COMPETITOR,
  /** See every submission and record verdicts. */
  VERIFIER,
  /** What a verifier may, and run the competition. */
  ORGANISER
}
