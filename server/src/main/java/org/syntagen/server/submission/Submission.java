package org.syntagen.server.submission;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.submission.Commitment;
import org.syntagen.server.team.Team;

/**
 * A team's dataset, or its result on the private test images.
 *
 * @param kind {@link Phase.Kind#DATASET} or {@link Phase.Kind#TEST}
 * @param committed when the server saw manifest or claim, which decides whether it was in time
 * @param arrived when the last byte of its file had come
 * @param attempts how often its job was begun
 * @param claimed the score that the team reports, of a result
 * @param miou the score that the server computed, of a result; in percent
 * @param network fingerprint of the checkpoint, of a result that came as one and was run
 */
public record Submission(
    UUID id,
    Team team,
    Phase.Kind kind,
    Instant committed,
    State state,
    Optional<Instant> arrived,
    int attempts,
    Optional<Double> claimed,
    Optional<Double> miou,
    Optional<String> network) {

  /** As a commitment of its team. */
  public Commitment commitment() {
    return new Commitment(team.name(), id.toString(), committed, arrived);
  }
}
