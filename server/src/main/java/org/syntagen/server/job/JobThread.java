package org.syntagen.server.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread of jobs, to which the system prefers those of visitors. Threads that it starts, those of
 * libtorch among them, come after visitors, too, and parallel streams within it stay in its pool.
 *
 * <p>Only Linux has a priority for each thread, its niceness; a JVM leaves it alone, so the command
 * {@code renice} sets it. Elsewhere, and where there is no such command, jobs and visitors are
 * equals.
 */
final class JobThread extends ForkJoinWorkerThread {
  private static final Logger LOG = LoggerFactory.getLogger(JobThread.class);

  /** The greatest: what others leave, and a sixtieth of a core where they leave nothing. */
  private static final String NICENESS = "19";

  /** The calling thread, as process/task/thread; on Linux only. */
  private static final Path SELF = Path.of("/proc/thread-self");

  private JobThread(ForkJoinPool pool) {
    super(pool);
  }

  /** A pool of such threads, one a core. */
  static ForkJoinPool pool() {
    return new ForkJoinPool(
        Runtime.getRuntime().availableProcessors(), JobThread::new, null, false);
  }

  @Override
  protected void onStart() {
    super.onStart();
    if (!Files.exists(SELF)) {
      return;
    }
    try {
      String thread = Files.readSymbolicLink(SELF).getFileName().toString();
      Process renice =
          new ProcessBuilder("renice", NICENESS, "-p", thread)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (renice.waitFor() != 0) {
        LOG.warn("jobs compete with visitors: renice ends with {}", renice.exitValue());
      }
    } catch (IOException e) {
      LOG.warn("jobs compete with visitors: {}", e.getMessage());
    } catch (InterruptedException e) {
      interrupt();
    }
  }
}
