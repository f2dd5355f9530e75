package org.syntagen.diffusion.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetryTest {
  private final List<Duration> pauses = new ArrayList<>();
  private final Retry retry = new Retry(pauses::add);

  @Test
  void itEndsAfterFiveFailuresWithLongerAndLongerPauses() {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> retry.run("a file", () -> 0, () -> fail("cable out")))
        .withMessageContaining("a file")
        .withMessageContaining("5 times (cable out)");
    assertThat(pauses).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L);
  }

  @Test
  void failuresThatBringSomethingDoNotCount() {
    AtomicLong position = new AtomicLong();
    long end = 30L << 20;
    String result =
        retry.run(
            "a file",
            position::get,
            () -> position.addAndGet(1 << 20) < end ? fail("broken") : "whole");
    assertThat(result).isEqualTo("whole");
    assertThat(pauses).hasSize(29).containsOnly(Duration.ofSeconds(1));
  }

  @Test
  void comingBackToWhereItWasIsNoProgress() {
    AtomicLong position = new AtomicLong();
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(
            () ->
                retry.run(
                    "a file",
                    position::get,
                    () -> {
                      position.set(position.get() == 0 ? 5 << 20 : 0);
                      return fail("broken");
                    }));
    assertThat(pauses.size()).isLessThan(10);
  }

  private static String fail(String reason) throws IOException {
    throw new IOException(reason);
  }
}
