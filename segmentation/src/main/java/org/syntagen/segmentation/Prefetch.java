package org.syntagen.segmentation;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.syntagen.tensor.Threads;

/**
 * Makes numbered batches ahead of their use in background threads and hands them out in order.
 *
 * @param <B> a batch
 */
final class Prefetch<B> implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int AHEAD = 4;

  private final LongFunction<B> batches;
  private final ExecutorService threads;
  private final Queue<Future<B>> ahead = new ArrayDeque<>();
  private long submitted;
  private long waitedNanos;

  /**
   * @param batches makes the batch of a number; called from several threads
   * @param first number of the batch that {@link #next} returns first
   */
  Prefetch(LongFunction<B> batches, long first) {
    this.batches = batches;
    this.submitted = first;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "syntagen-batches");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * The next batch; waits for it if need be.
   *
   * @throws RuntimeException what making it threw
   */
  B next() {
    while (ahead.size() < AHEAD) {
      long number = submitted++;
      ahead.add(threads.submit(() -> batches.apply(number)));
    }
    long start = System.nanoTime();
    try {
      return Threads.await(ahead.remove());
    } finally {
      waitedNanos += System.nanoTime() - start;
    }
  }

  /** How long {@link #next} has waited for batches that were not there yet. */
  double waitedSeconds() {
    return waitedNanos / 1e9;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
