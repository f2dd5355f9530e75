package org.syntagen.challenge.submission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.challenge.Limits;
import org.syntagen.challenge.Phase;

class QuotaTest {
  /** Three in all, two a day, in California. */
  private static final Quota QUOTA =
      new Quota(new Limits(3, 2, 1, 1, 0), ZoneId.of("America/Los_Angeles"));

  private static final Phase PHASE =
      new Phase(
          "phase",
          Phase.Kind.DATASET,
          Instant.parse("2024-03-01T08:00:00Z"),
          Instant.parse("2024-05-25T06:59:00Z"));

  @Test
  void daysAreThoseOfTheCompetitionsZoneAcrossAClockChange() {
    // 10 March 2024 lasts from 08:00 UTC to 07:00 UTC of the next day: 23 hours.
    List<Instant> counted =
        List.of(Instant.parse("2024-03-10T08:00:00Z"), Instant.parse("2024-03-11T06:59:59Z"));
    assertThat(QUOTA.refusal(counted, PHASE, Instant.parse("2024-03-11T06:59:59Z")))
        .contains(
            "all 2 submissions of 2024-03-10 are used; the next day starts at"
                + " 2024-03-11T07:00:00Z");
    assertThat(QUOTA.refusal(counted, PHASE, Instant.parse("2024-03-11T07:00:00Z"))).isEmpty();
    assertThat(QUOTA.refusal(counted, PHASE, Instant.parse("2024-03-10T07:59:59Z"))).isEmpty();
  }

  @Test
  void theWholePhaseHasALimit() {
    List<Instant> counted =
        List.of(
            Instant.parse("2024-04-01T12:00:00Z"),
            Instant.parse("2024-04-02T12:00:00Z"),
            Instant.parse("2024-04-03T12:00:00Z"));
    Instant later = Instant.parse("2024-05-01T12:00:00Z");
    assertThat(QUOTA.refusal(counted, PHASE, later)).get().asString().startsWith("all 3");
    assertThat(QUOTA.refusal(counted.subList(0, 2), PHASE, later)).isEmpty();
  }

  @Test
  void outsideThePhaseNothingIsAccepted() {
    assertThat(QUOTA.refusal(List.of(), PHASE, PHASE.end().minusSeconds(1))).isEmpty();
    assertThat(QUOTA.refusal(List.of(), PHASE, PHASE.end())).get().asString().contains("is open");
    assertThat(QUOTA.refusal(List.of(), PHASE, PHASE.start().minusSeconds(1))).isPresent();
    assertThat(QUOTA.refusal(List.of(), PHASE, PHASE.start())).isEmpty();
  }
}
