package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;

/** A backbone without its classifier. */
interface FeatureExtractor {
  /**
   * What the heads read.
   *
   * @param aux an intermediate map for the auxiliary head, [n, {@link Backbone#auxChannels}, …]
   * @param out the last map, [n, {@link Backbone#outChannels}, …]
   */
  record Features(Tensor aux, Tensor out) {}

  /** Normalised images [n, 3, h, w] to feature maps. */
  Features forward(Tensor images, Mode mode);
}
