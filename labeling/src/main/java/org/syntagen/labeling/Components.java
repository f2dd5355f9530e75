package org.syntagen.labeling;

import java.util.Arrays;

/**
 * The connected parts of equal labels, neighbours being the eight around a pixel.
 *
 * @param of the component of each pixel, from 0 in the order of their first pixels
 * @param count of them
 */
record Components(int[] of, int count) {

  /**
   * @param labels row by row
   */
  static Components of(int[] labels, int width) {
    int height = labels.length / width;
    int[] component = new int[labels.length];
    Arrays.fill(component, -1);
    int[] open = new int[labels.length]; // pixels whose neighbours have not been looked at
    int count = 0;
    for (int first = 0; first < labels.length; first++) {
      if (component[first] >= 0) {
        continue;
      }
      component[first] = count;
      open[0] = first;
      for (int size = 1; size > 0; ) {
        int pixel = open[--size];
        int x = pixel % width;
        int y = pixel / width;
        for (int j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
          for (int i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
            int neighbour = j * width + i;
            if (component[neighbour] < 0 && labels[neighbour] == labels[pixel]) {
              component[neighbour] = count;
              open[size++] = neighbour;
            }
          }
        }
      }
      count++;
    }
    return new Components(component, count);
  }

  /** How many pixels each has. */
  int[] sizes() {
    int[] sizes = new int[count];
    for (int component : of) {
      sizes[component]++;
    }
    return sizes;
  }
}
