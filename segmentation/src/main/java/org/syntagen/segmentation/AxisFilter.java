package org.syntagen.segmentation;

/**
 * The weights by which one axis of an image is resized: linear interpolation between pixel centres
 * when it grows, a triangle as wide as a new pixel's reach when it shrinks, so that fine detail is
 * averaged and not skipped. These are the weights of PIL's bilinear filter and of torch's
 * antialiased one.
 */
public final class AxisFilter {
  private final int[] first; // (count): first source pixel under the window
  private final double[][] weights; // (count, taps), each row sums to 1

  /**
   * @param from length of the source axis
   * @param to length of the resized axis
   * @param start first resized pixel that is wanted
   * @param count how many are wanted
   */
  AxisFilter(int from, int to, int start, int count) {
    first = new int[count];
    weights = new double[count][];
    double scale = (double) from / to;
    double reach = Math.max(scale, 1);
    for (int i = 0; i < count; i++) {
      double center = (start + i + 0.5) * scale;
      int low = Math.max(0, (int) (center - reach + 0.5));
      int high = Math.min(from, (int) (center + reach + 0.5));
      first[i] = low;
      weights[i] = new double[high - low];
      double sum = 0;
      for (int j = low; j < high; j++) {
        double weight = Math.max(0, 1 - Math.abs(j + 0.5 - center) / reach);
        weights[i][j - low] = weight;
        sum += weight;
      }
      for (int j = 0; j < weights[i].length; j++) {
        weights[i][j] /= sum;
      }
    }
  }

  /**
   * The source pixel nearest to the centre of each resized one. Centres are added up as Pillow
   * does, which decides ties.
   *
   * @param from length of the source axis
   * @param to length of the resized axis
   */
  public static int[] nearest(int from, int to) {
    int[] sources = new int[to];
    double step = (double) from / to;
    double center = step / 2;
    for (int i = 0; i < to; i++) {
      sources[i] = Math.min(from - 1, (int) center);
      center += step;
    }
    return sources;
  }

  int first(int i) {
    return first[i];
  }

  /** One past the last source pixel under the window of resized pixel i. */
  int end(int i) {
    return first[i] + weights[i].length;
  }

  double weight(int i, int source) {
    return weights[i][source - first[i]];
  }
}
