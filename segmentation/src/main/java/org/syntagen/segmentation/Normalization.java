package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Tensors;

/**
 * From 8-bit colours to what the backbones expect: values in 0 to 1, less the mean and over the
 * standard deviation of ImageNet's training images, per channel.
 */
final class Normalization {
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] STD = {0.229, 0.224, 0.225};

  private Normalization() {}

  /**
   * @param channel 0 red, 1 green, 2 blue
   * @param level 0 to 255, not necessarily whole
   */
  static float apply(int channel, double level) {
    return (float) ((level / 255 - MEAN[channel]) / STD[channel]);
  }

  /**
   * The same of images, whose gradient it passes on.
   *
   * @param levels [n, 3, h, w], 0 to 255
   */
  static Tensor apply(Tensor levels) {
    float[] factors = new float[MEAN.length];
    float[] terms = new float[MEAN.length];
    for (int channel = 0; channel < MEAN.length; channel++) {
      factors[channel] = (float) (1 / (255 * STD[channel]));
      terms[channel] = (float) (-MEAN[channel] / STD[channel]);
    }
    return levels
        .mul(Tensors.of(factors, 1, MEAN.length, 1, 1))
        .add(Tensors.of(terms, 1, MEAN.length, 1, 1));
  }
}
