package org.syntagen.cli;

import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Makes Ctrl-C (or a plain kill) a request to end in order: from then on {@link #check} throws, and
 * the process lives until {@link #close}, though not for long.
 */
final class Interruption implements AutoCloseable {
  private static final int EXIT_CODE = 130; // as shells have it after Ctrl-C
  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "interruption");
  private volatile boolean requested;

  private Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Does a job that can go on later, and says so if it was asked to end.
   *
   * @param out what the job makes
   * @return its exit code
   */
  static int guard(Path out, ToIntFunction<Interruption> job) {
    try (Interruption interruption = new Interruption()) {
      try {
        return job.applyAsInt(interruption);
      } catch (CancellationException e) { // told before the process may end
        System.err.println(out + ": interrupted; run the same command again to go on");
        return EXIT_CODE;
      }
    }
  }

  private void stop() {
    requested = true;
    try {
      ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @throws CancellationException once the process is asked to end
   */
  void check() {
    if (requested) {
      throw new CancellationException("interrupted");
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already.
    }
  }
}
