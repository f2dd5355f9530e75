package org.syntagen.segmentation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.syntagen.dataset.SplitMix64;

/**
 * Prepares training batches ahead of the trainer in background threads. Samples come in shuffled
 * rounds, each of which shows every sample once; a batch may span two rounds. Batch k is a pure
 * function of the seed and k.
 */
final class BatchLoader implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int AHEAD = 4;

  /** Keeps the streams of the shuffle and of the augmentation apart. */
  private static final long SHUFFLE = 0x5348_5546_464C_45L;

  private final LabeledImages images;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;
  private final ExecutorService threads;
  private final Queue<Future<Batch>> ahead = new ArrayDeque<>();
  private long submitted;
  private volatile Round lastRound;

  /** The order of the samples in one round. */
  private record Round(long number, int[] order) {}

  /**
   * @param firstBatch number of the batch that {@link #next} returns first
   */
  BatchLoader(
      LabeledImages images, Augmentation augmentation, int batchSize, long seed, long firstBatch) {
    this.images = images;
    this.augmentation = augmentation;
    this.batchSize = batchSize;
    this.seed = seed;
    this.submitted = firstBatch;
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
   * @throws RuntimeException what reading a sample threw
   */
  Batch next() {
    while (ahead.size() < AHEAD) {
      long number = submitted++;
      ahead.add(threads.submit(() -> batch(number)));
    }
    try {
      return ahead.remove().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for training images", e);
    }
  }

  /** Batch number k, counted from 0. */
  Batch batch(long number) {
    int size = augmentation.cropSize();
    Window window = new Window(size, size);
    float[] colors = new float[batchSize * 3 * window.pixels()];
    long[] labels = new long[batchSize * window.pixels()];
    List<String> ids = new ArrayList<>();
    int labelled = 0;
    for (int i = 0; i < batchSize; i++) {
      long draw = number * batchSize + i;
      LabeledImage image = images.load(position(draw));
      Placement placement = augmentation.draw(seed, draw, image.width(), image.height());
      window.drawColors(image, placement, colors, i * 3 * window.pixels());
      labelled += window.drawLabels(image, placement, labels, i * window.pixels());
      ids.add(image.id());
    }
    return new Batch(List.copyOf(ids), colors, labels, size, labelled);
  }

  /** Which sample the given draw of the run shows. */
  private int position(long draw) {
    long number = draw / images.size();
    Round round = lastRound;
    if (round == null || round.number != number) {
      round = new Round(number, shuffled(number));
      lastRound = round;
    }
    return round.order[(int) (draw % images.size())];
  }

  /** Fisher–Yates. */
  private int[] shuffled(long round) {
    SplitMix64 random = new SplitMix64(SplitMix64.mix(seed ^ SHUFFLE) + round).split(round);
    int[] order = new int[images.size()];
    for (int i = 0; i < order.length; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
