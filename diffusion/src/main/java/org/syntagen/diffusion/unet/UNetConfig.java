package org.syntagen.diffusion.unet;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Shape of a {@link UNet2DCondition}, with the meaning of diffusers' config.json.
 *
 * @param sampleSize height and width of the latent it was trained on
 * @param latentChannels channels in and out
 * @param blockOutChannels channels of each resolution, finest first
 * @param crossAttention for each resolution, finest first, whether its blocks attend to the text
 * @param layersPerBlock residual blocks a resolution on the way down; one more on the way up
 * @param heads attention heads a resolution (diffusers calls this attention_head_dim)
 * @param crossAttentionDim width of the text embedding
 * @param groups of the group normalisations
 */
public record UNetConfig(
    int sampleSize,
    int latentChannels,
    List<Integer> blockOutChannels,
    List<Boolean> crossAttention,
    int layersPerBlock,
    List<Integer> heads,
    int crossAttentionDim,
    int groups,
    double eps,
    boolean linearProjection) {

  public UNetConfig {
    blockOutChannels = List.copyOf(blockOutChannels);
    crossAttention = List.copyOf(crossAttention);
    heads = List.copyOf(heads);
    int n = blockOutChannels.size();
    if (n == 0 || crossAttention.size() != n || heads.size() != n) {
      throw new IllegalArgumentException(
          "block_out_channels, block types and attention_head_dim must have one entry a"
              + " resolution");
    }
    if (sampleSize < 1
        || groups < 1
        || layersPerBlock < 1
        || latentChannels < 1
        || crossAttentionDim < 1) {
      throw new IllegalArgumentException("sizes of the U-Net must be positive");
    }
    if (!(eps > 0)) {
      throw new IllegalArgumentException("norm_eps must be positive, not " + eps);
    }
    for (int i = 0; i < n; i++) {
      int channels = blockOutChannels.get(i);
      if (channels < 1 || channels % groups != 0) {
        throw new IllegalArgumentException(
            "block_out_channels " + channels + " is not a multiple of norm_num_groups " + groups);
      }
      boolean attends = crossAttention.get(i) || i == n - 1; // the middle always does
      if (attends && (heads.get(i) < 1 || channels % heads.get(i) != 0)) {
        throw new IllegalArgumentException(
            "block_out_channels " + channels + " is not a multiple of " + heads.get(i) + " heads");
      }
    }
  }

  /** Number of resolutions. */
  public int levels() {
    return blockOutChannels.size();
  }

  /** At which resolutions there is attention, as factors of the latent's. */
  public Set<Integer> attentionFactors() {
    Set<Integer> factors = new TreeSet<>(Set.of(latentMultiple())); // the middle always attends
    for (int i = 0; i < levels(); i++) {
      if (crossAttention.get(i)) {
        factors.add(1 << i);
      }
    }
    return factors;
  }

  /** The latent's sides must be divisible by this for every halving to be exact. */
  public int latentMultiple() {
    return 1 << (levels() - 1);
  }
}
