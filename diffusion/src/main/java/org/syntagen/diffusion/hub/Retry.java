package org.syntagen.diffusion.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Repeats what a broken connection cut short, after pauses of 1, 2, 4 and 8 seconds. The fifth
 * failure ends it, but those that brought a mebibyte or more do not count.
 *
 * @param pause waits
 */
record Retry(Consumer<Duration> pause) {
  private static final int MOST_FAILURES = 5;
  private static final long WORTH_A_FAILURE = 1 << 20;

  /** What may fail on the net. */
  interface Attempt<T> {
    T run() throws IOException;
  }

  /**
   * The result of the first attempt that succeeds.
   *
   * @param what begins the message of failure
   * @param position how far the attempts came, in bytes
   * @throws HubException when it gives up
   */
  <T> T run(String what, LongSupplier position, Attempt<T> attempt) {
    long furthest = position.getAsLong();
    int failures = 0;
    while (true) {
      try {
        return attempt.run();
      } catch (IOException e) {
        if (position.getAsLong() - furthest >= WORTH_A_FAILURE) {
          furthest = position.getAsLong();
          failures = 0;
        }
        failures++;
        if (failures == MOST_FAILURES) {
          throw new HubException(
              "%s: the connection failed %d times (%s); run the command again to go on from here"
                  .formatted(what, failures, HubException.reason(e)),
              e);
        }
        pause.accept(Duration.ofSeconds(1L << (failures - 1)));
      }
    }
  }
}
