package org.syntagen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class InterruptionTest {
  private static final Path OUT = Path.of("pairs");

  @Test
  void aJobThatNobodyInterruptsEndsWithItsOwnCode() {
    int code =
        Interruption.guard(
            OUT,
            interruption -> {
              interruption.check();
              return 3;
            });
    assertThat(code).isEqualTo(3);
  }

  @Test
  void oneThatGaveUpEndsAsShellsSay() {
    int code =
        Interruption.guard(
            OUT,
            interruption -> {
              throw new CancellationException("interrupted");
            });
    assertThat(code).isEqualTo(130);
  }
}
