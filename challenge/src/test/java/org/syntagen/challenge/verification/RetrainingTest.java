package org.syntagen.challenge.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.challenge.Tolerance;

class RetrainingTest {
  private static final Tolerance TOLERANCE = new Tolerance(2, 40, 0.9, 1);

  /** The worse of what samples and score came to. */
  @ParameterizedTest
  @CsvSource({
    "EXACT, 47.5, 47.5, EXACT",
    "EXACT, 47.5, 46.5, WITHIN_TOLERANCE",
    "WITHIN_TOLERANCE, 47.5, 47.5, WITHIN_TOLERANCE",
    "EXACT, 47.5, 48.75, MISMATCH",
    "WITHIN_TOLERANCE, 47.5, 46.25, MISMATCH"
  })
  void theWorseVerdictHolds(Verdict samples, double submitted, double replica, Verdict expected) {
    Replication replication =
        new Replication(samples, "samples", List.of(), Optional.empty())
            .with(new Retraining(submitted, replica), TOLERANCE);
    assertThat(replication.verdict()).isEqualTo(expected);
    assertThat(replication.reason()).startsWith("samples; a network trained again has mIoU");
  }
}
