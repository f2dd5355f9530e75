package org.syntagen.challenge.submission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.Phase;

class CommitmentTest {
  private static final Competition COMPETITION = CompetitionFile.example();
  private static final Phase PHASE = COMPETITION.phase(Phase.Kind.DATASET).orElseThrow();
  private static final Duration GRACE = COMPETITION.limits().uploadGrace();
  private static final Instant DEADLINE = PHASE.end();

  private static Commitment commit(String team, long seconds, Instant arrived) {
    return new Commitment(
        team, team + seconds, DEADLINE.plusSeconds(seconds), Optional.ofNullable(arrived));
  }

  @Test
  void theManifestsInstantDecidesAndBytesMayComeInTheGracePeriod() {
    Instant lastMoment = DEADLINE.plus(GRACE).minusSeconds(1);
    assertThat(commit("a", -1, DEADLINE.plusSeconds(600)).inTime(PHASE, GRACE)).isTrue();
    assertThat(commit("a", -1, lastMoment).inTime(PHASE, GRACE)).isTrue();
    assertThat(commit("a", -1, lastMoment.plusSeconds(1)).inTime(PHASE, GRACE)).isFalse();
    assertThat(commit("a", 0, DEADLINE).inTime(PHASE, GRACE)).isFalse();
    assertThat(commit("a", 1, DEADLINE.plusSeconds(1)).inTime(PHASE, GRACE)).isFalse();
    assertThat(commit("a", -1, null).inTime(PHASE, GRACE)).isFalse();
  }

  @Test
  void theLatestInTimeCountsForEachTeam() {
    Commitment early = commit("a", -500, DEADLINE.minusSeconds(400));
    Commitment late = commit("a", -5, DEADLINE.plusSeconds(60));
    Commitment withoutBytes = commit("a", -1, null);
    Commitment tooLate = commit("a", 0, DEADLINE);
    Commitment other = commit("b", -800, DEADLINE.minusSeconds(700));
    assertThat(
            Commitment.counting(List.of(tooLate, late, other, withoutBytes, early), PHASE, GRACE))
        .containsOnlyKeys("a", "b")
        .containsEntry("a", late)
        .containsEntry("b", other);
  }
}
