package org.syntagen.diffusion.vae;

import java.util.List;

/**
 * Shape of an {@link AutoencoderKl}, with the meaning of diffusers' config.json.
 *
 * @param blockOutChannels channels of each resolution, finest first; each further one halves
 * @param layersPerBlock residual blocks a resolution in the encoder; one more in the decoder
 * @param scalingFactor latents are multiplied by it so that their variance is about 1
 */
public record VaeConfig(
    int latentChannels,
    List<Integer> blockOutChannels,
    int layersPerBlock,
    int groups,
    double scalingFactor) {

  public VaeConfig {
    blockOutChannels = List.copyOf(blockOutChannels);
    if (blockOutChannels.isEmpty() || latentChannels < 1 || layersPerBlock < 1 || groups < 1) {
      throw new IllegalArgumentException("sizes of the autoencoder must be positive");
    }
    for (int channels : blockOutChannels) {
      if (channels < 1 || channels % groups != 0) {
        throw new IllegalArgumentException(
            "block_out_channels " + channels + " is not a multiple of norm_num_groups " + groups);
      }
    }
    if (!(scalingFactor > 0)) {
      throw new IllegalArgumentException("scaling_factor must be positive");
    }
  }

  /** Pixels a latent position covers in each direction. */
  public int downscale() {
    return 1 << (blockOutChannels.size() - 1);
  }

  /**
   * About how many bytes decoding one image takes at its peak, beside the weights: three feature
   * maps of the finest resolution, where the first residual block normalises what the coarser one
   * handed up, in 32-bit floats. Measured with Stable Diffusion's autoencoder at 512 × 512: 0.75
   * GiB for 0.75.
   *
   * @param width of the image in pixels
   */
  public long decodingBytes(int width, int height) {
    int coarser = blockOutChannels.get(Math.min(1, blockOutChannels.size() - 1));
    long channels = Math.max(blockOutChannels.get(0), coarser);
    return 3L * Float.BYTES * channels * width * height;
  }
}
