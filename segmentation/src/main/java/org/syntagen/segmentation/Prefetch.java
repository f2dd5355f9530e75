package org.syntagen.segmentation;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.syntagen.tensor.Threads;

/**
 * Makes numbered things, such as batches, ahead of their use in background threads and hands them
 * out in order.
 */
final class Prefetch<T> implements AutoCloseable {
  private static final int MOST_THREADS = 8;
  private static final int THREADS =
      Math.max(2, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));

  /** What a step takes lies ready while every thread makes another. */
  private static final int AHEAD = THREADS + 2;

  private final LongFunction<T> source;
  private final long end;
  private final ExecutorService threads;
  private final Queue<Future<T>> ahead = new ArrayDeque<>();
  private long submitted;
  private long waitedNanos;

  /**
   * @param source makes the thing of a number; called from several threads
   * @param first number of what {@link #next} returns first
   * @param end one past the last number
   */
  Prefetch(LongFunction<T> source, long first, long end) {
    this.source = source;
    this.submitted = first;
    this.end = end;
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "syntagen-prefetch");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * The next one; waits for it if need be.
   *
   * @throws RuntimeException what making it threw
   * @throws java.util.NoSuchElementException after the last one
   */
  T next() {
    while (ahead.size() < AHEAD && submitted < end) {
      long number = submitted++;
      ahead.add(threads.submit(() -> source.apply(number)));
    }
    long start = System.nanoTime();
    try {
      return Threads.await(ahead.remove());
    } finally {
      waitedNanos += System.nanoTime() - start;
    }
  }

  /** How long {@link #next} has waited for what was not there yet. */
  double waitedSeconds() {
    return waitedNanos / 1e9;
  }

  /** Returns when no thread uses the source any more. */
  @Override
  public void close() {
    threads.shutdownNow();
    Threads.finish(threads);
  }
}
