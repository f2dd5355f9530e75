package org.syntagen.segmentation;

import java.util.ArrayList;
import java.util.List;

/**
 * The trainer's batches: samples in the order of {@link Mixture}, cropped at random. A batch may
 * span two rounds. Batch k is a pure function of the seed and k; thread-safe.
 */
final class Batches {
  private final Mixture images;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;

  Batches(Mixture images, Augmentation augmentation, int batchSize, long seed) {
    this.images = images;
    this.augmentation = augmentation;
    this.batchSize = batchSize;
    this.seed = seed;
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
      LabeledImage image = images.load(draw);
      Placement placement = augmentation.draw(seed, draw, image);
      ColorShift shift = augmentation.colorShift(seed, draw);
      window.drawColors(image, placement, shift, colors, i * 3 * window.pixels());
      labelled += window.drawLabels(image, placement, labels, i * window.pixels());
      ids.add(image.id());
    }
    return new Batch(List.copyOf(ids), colors, labels, size, labelled);
  }
}
