package org.syntagen.dataset;

/**
 * Counts of pixels over a whole set of images: <b>rows are the truth, columns the prediction</b>.
 * Pixels whose truth is void (255) are left out; a prediction is never void. One matrix is kept for
 * the set, because a mean of per-image scores is another, usually higher, number. Not thread-safe.
 */
public final class ConfusionMatrix {
  private final int classes;
  private final long[][] counts; // (truth, prediction)

  /**
   * @param classes labels 0 to classes − 1
   */
  public ConfusionMatrix(int classes) {
    if (classes < 1 || classes > ClassSet.VOID) {
      throw new IllegalArgumentException(
          "classes must be 1 to " + ClassSet.VOID + ", not " + classes);
    }
    this.classes = classes;
    this.counts = new long[classes][classes];
  }

  public int classes() {
    return classes;
  }

  /**
   * Counts the pixels of one image.
   *
   * @param truth unsigned labels; 255 is void
   * @param prediction unsigned labels of the same pixels
   * @throws IllegalArgumentException if the lengths differ or a label is out of range; nothing is
   *     counted then
   */
  public void add(byte[] truth, byte[] prediction) {
    if (truth.length != prediction.length) {
      throw new IllegalArgumentException(
          "%d true labels, %d predicted ones".formatted(truth.length, prediction.length));
    }
    for (int i = 0; i < truth.length; i++) {
      int expected = truth[i] & 0xFF;
      int found = prediction[i] & 0xFF;
      if (expected >= classes && expected != ClassSet.VOID || found >= classes) {
        throw new IllegalArgumentException(
            "label %d predicted as %d: expected 0 to %d, or 255 for a void truth"
                .formatted(expected, found, classes - 1));
      }
    }
    for (int i = 0; i < truth.length; i++) {
      int expected = truth[i] & 0xFF;
      if (expected != ClassSet.VOID) {
        counts[expected][prediction[i] & 0xFF]++;
      }
    }
  }

  /** Adds the counts of a matrix over other images. */
  public void add(ConfusionMatrix other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(
          "%d classes cannot be added to %d".formatted(other.classes, classes));
    }
    for (int truth = 0; truth < classes; truth++) {
      for (int prediction = 0; prediction < classes; prediction++) {
        counts[truth][prediction] += other.counts[truth][prediction];
      }
    }
  }

  /** Pixels of class {@code truth} that were labelled {@code prediction}. */
  public long count(int truth, int prediction) {
    return counts[truth][prediction];
  }

  /** Pixels that truly are of a class: a row's sum. */
  public long truth(int label) {
    long sum = 0;
    for (long count : counts[label]) {
      sum += count;
    }
    return sum;
  }

  /** Pixels that were labelled as a class: a column's sum. */
  public long prediction(int label) {
    long sum = 0;
    for (long[] row : counts) {
      sum += row[label];
    }
    return sum;
  }

  /** All pixels that were counted. */
  public long total() {
    long sum = 0;
    for (int label = 0; label < classes; label++) {
      sum += truth(label);
    }
    return sum;
  }
}
