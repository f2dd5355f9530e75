package org.syntagen.dataset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How much of each class a dataset shows.
 *
 * @param classes the classes of the masks
 * @param samples how many masks were counted
 * @param pixels how many pixels each label fills, position = label
 * @param images how many masks hold each label, position = label
 * @param voidPixels how many pixels are void
 */
public record DatasetStatistics(
    ClassSet classes, int samples, List<Long> pixels, List<Integer> images, long voidPixels) {
  /** Checks that every class has its counts. */
  public DatasetStatistics {
    pixels = List.copyOf(pixels);
    images = List.copyOf(images);
    if (pixels.size() != classes.size() || images.size() != classes.size()) {
      throw new IllegalArgumentException(
          "statistics of %d classes need as many counts, not %d and %d"
              .formatted(classes.size(), pixels.size(), images.size()));
    }
  }

  /** All pixels of all masks, void ones included. */
  public long totalPixels() {
    return pixels.stream().mapToLong(Long::longValue).sum() + voidPixels;
  }

  /** The share of pixels that are void, 0 to 1; 0 where there is no pixel. */
  public double voidShare() {
    return totalPixels() == 0 ? 0 : (double) voidPixels / totalPixels();
  }

  /** Pixels by class name, every class included. */
  public Map<String, Long> pixelsByName() {
    Map<String, Long> byName = new LinkedHashMap<>();
    for (int label = 0; label < classes.size(); label++) {
      byName.put(classes.name(label), pixels.get(label));
    }
    return byName;
  }

  /** Images by class name, every class included. */
  public Map<String, Integer> imagesByName() {
    Map<String, Integer> byName = new LinkedHashMap<>();
    for (int label = 0; label < classes.size(); label++) {
      byName.put(classes.name(label), images.get(label));
    }
    return byName;
  }

  /** Adds up the statistics of a dataset, mask by mask. Not thread-safe. */
  public static final class Tally {
    private final ClassSet classes;
    private final long[] pixels = new long[256];
    private final int[] images = new int[256];
    private int samples;

    /** An empty tally. */
    public Tally(ClassSet classes) {
      this.classes = classes;
    }

    /** Counts a mask. */
    public void add(LabelMap mask) {
      long[] histogram = mask.histogram();
      for (int label = 0; label < histogram.length; label++) {
        add(label, histogram[label]);
      }
      samples++;
    }

    /**
     * Counts the mask of a sample by what the sample says of it.
     *
     * @throws InputException if it counts pixels of an unknown class
     */
    public void add(Sample sample) {
      sample
          .area()
          .forEach(
              (name, count) ->
                  add(name.equals(Sample.VOID) ? ClassSet.VOID : classes.label(name), count));
      samples++;
    }

    /** What was counted so far. */
    public DatasetStatistics total() {
      List<Long> pixelCounts = new ArrayList<>();
      List<Integer> imageCounts = new ArrayList<>();
      for (int label = 0; label < classes.size(); label++) {
        pixelCounts.add(pixels[label]);
        imageCounts.add(images[label]);
      }
      return new DatasetStatistics(
          classes, samples, pixelCounts, imageCounts, pixels[ClassSet.VOID]);
    }

    private void add(int label, long count) {
      pixels[label] += count;
      images[label] += count > 0 ? 1 : 0;
    }
  }
}
