package org.syntagen.segmentation;

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
}
