package org.syntagen.server.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JobThreadTest {
  private static final Path STAT = Path.of("/proc/thread-self/stat");
  private static final int GREATEST = 19;

  private final ForkJoinPool pool = JobThread.pool();

  @BeforeEach
  void onLinux() {
    if (!Files.exists(STAT)) {
      System.out.println("skipped: only Linux has a niceness for each thread");
      Assumptions.abort();
    }
  }

  @AfterEach
  void close() {
    pool.shutdown();
  }

  @Test
  void jobsComeAfterEverythingElse() throws Exception {
    Future<Integer> job = pool.submit(JobThreadTest::niceness);

    assertThat(job.get()).isEqualTo(GREATEST);
  }

  @Test
  void soDoesWhatTheyStart() throws Exception {
    Future<Integer> started =
        pool.submit(
            () ->
                CompletableFuture.supplyAsync(
                        JobThreadTest::niceness, task -> new Thread(task).start())
                    .join());
    Future<Integer> least =
        pool.submit(
            () -> IntStream.range(0, 1000).parallel().map(i -> niceness()).min().getAsInt());

    assertThat(started.get()).isEqualTo(GREATEST);
    assertThat(least.get()).isEqualTo(GREATEST);
  }

  /** Of the calling thread. */
  private static int niceness() {
    try {
      String stat = Files.readString(STAT);
      String afterName = stat.substring(stat.lastIndexOf(')') + 2);
      return Integer.parseInt(afterName.split(" ")[16]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
