package org.syntagen.segmentation;

import java.util.List;

/**
 * Training images as arrays in the order of tensors.
 *
 * @param ids of the samples, for messages
 * @param colors normalised, [n, 3, size, size]
 * @param labels [n, size, size]; 255 is void
 * @param size side of the crops in pixels
 * @param labelled how many labels are not void
 */
record Batch(List<String> ids, float[] colors, long[] labels, int size, int labelled) {
  int images() {
    return ids.size();
  }
}
