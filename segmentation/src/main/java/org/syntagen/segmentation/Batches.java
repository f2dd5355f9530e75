package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;

/**
 * The trainer's batches: samples in the order of {@link Shuffle}, cropped at random. A batch may
 * span two rounds. Batch k is a pure function of the seed and k; thread-safe.
 */
final class Batches {
  private final LabeledImages images;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;
  private final Shuffle shuffle;

  Batches(LabeledImages images, Augmentation augmentation, int batchSize, long seed) {
    this.images = images;
    this.augmentation = augmentation;
    this.batchSize = batchSize;
    this.seed = seed;
    this.shuffle = new Shuffle(images.size(), seed);
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
      ColorShift shift = augmentation.colorShift(seed, draw);
      window.drawColors(image, placement, shift, colors, i * 3 * window.pixels());
      labelled += window.drawLabels(image, placement, labels, i * window.pixels());
      ids.add(image.id());
    }
    return new Batch(List.copyOf(ids), colors, labels, size, labelled);
  }
}
