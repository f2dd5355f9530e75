package org.syntagen.server.replication;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.syntagen.challenge.verification.Verdict;

/**
 * An entry's samples made again by the server, and its network trained again where that is wanted.
 *
 * @param submission the dataset
 * @param account of the verifier who wants it
 * @param verifier that account's name
 * @param publicSeed decides which samples
 * @param retrain whether the network is trained again, too
 * @param attempts how often its job was begun
 * @param verdict what came out, once it is done
 * @param message why, or what broke, in one line; empty before
 */
public record Rerun(
    UUID id,
    UUID submission,
    UUID account,
    String verifier,
    Instant requested,
    String publicSeed,
    boolean retrain,
    State state,
    int attempts,
    Optional<Verdict> verdict,
    String message) {
  /** How far it has come. */
  public enum State {
    /** A job will do it. */
    QUEUED("in the queue"),
    /** A job does it. */
    RUNNING("under way"),
    /** There is a verdict. */
    DONE("done"),
    /** The platform broke down over it; verifiers may have it done again. */
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
}
