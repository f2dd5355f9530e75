package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;

/**
 * Prepares the trainer's batches in background threads. Samples come in the order of {@link
 * Shuffle}; a batch may span two rounds. Batch k is a pure function of the seed and k.
 */
final class BatchLoader implements AutoCloseable {
  private final LabeledImages images;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;
  private final Shuffle shuffle;
  private final Prefetch<Batch> ahead;

  /**
   * @param firstBatch number of the batch that {@link #next} returns first
   */
  BatchLoader(
      LabeledImages images, Augmentation augmentation, int batchSize, long seed, long firstBatch) {
    this.images = images;
    this.augmentation = augmentation;
    this.batchSize = batchSize;
    this.seed = seed;
    this.shuffle = new Shuffle(images.size(), seed);
    this.ahead = new Prefetch<>(this::batch, firstBatch);
  }

  /**
   * The next batch; waits for it if need be.
   *
   * @throws RuntimeException what reading a sample threw
   */
  Batch next() {
    return ahead.next();
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
      LabeledImage image = images.load(shuffle.position(draw));
      Placement placement = augmentation.draw(seed, draw, image.width(), image.height());
      ColorShift shift = augmentation.drawColors(seed, draw);
      window.drawColors(image, placement, shift, colors, i * 3 * window.pixels());
      labelled += window.drawLabels(image, placement, labels, i * window.pixels());
      ids.add(image.id());
    }
    return new Batch(List.copyOf(ids), colors, labels, size, labelled);
  }

  @Override
  public void close() {
    ahead.close();
  }
}
