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
}
