package org.syntagen.diffusion.unet;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.diffusion.block.Transformer2D;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;
import org.syntagen.tensor.nn.GroupNorm;

/**
 * Predicts noise (or velocity) in a latent from the latent, the timestep and a text embedding:
 * Stable Diffusion's U-Net (Rombach et al., 2022), diffusers' UNet2DConditionModel. Immutable; its
 * tensors belong to the state dictionary it was built from.
 */
public final class UNet2DCondition {
  private final UNetConfig config;
  private final Conv2d convIn;
  private final TimestepEmbedding timeEmbedding;
  private final List<DownBlock> downBlocks = new ArrayList<>();
  private final MidBlock midBlock;
  private final List<UpBlock> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  public UNet2DCondition(Weights weights, UNetConfig config) {
    this.config = config;
    List<Integer> channels = config.blockOutChannels();
    int levels = config.levels();
    long time = 4L * channels.get(0);
    convIn = Conv2d.of(weights.at("conv_in"), config.latentChannels(), channels.get(0), 3, 1);
    timeEmbedding = TimestepEmbedding.of(weights.at("time_embedding"), channels.get(0));
    for (int i = 0; i < levels; i++) {
      long in = channels.get(Math.max(i - 1, 0));
      downBlocks.add(
          DownBlock.of(
              weights.at("down_blocks").at(i),
              resnet(in, channels.get(i), time),
              config.layersPerBlock(),
              attention(i),
              i < levels - 1));
    }
    int last = levels - 1;
    midBlock =
        MidBlock.of(
            weights.at("mid_block"),
            resnet(channels.get(last), channels.get(last), time),
            transformer(last));
    for (int i = 0; i < levels; i++) {
      int level = last - i;
      long out = channels.get(level);
      long previous = channels.get(Math.min(level + 1, last));
      long coarsestSkip = channels.get(Math.max(level - 1, 0));
      List<ResnetBlock.Config> layers = new ArrayList<>();
      for (int j = 0; j <= config.layersPerBlock(); j++) {
        long hidden = j == 0 ? previous : out;
        long skip = j == config.layersPerBlock() ? coarsestSkip : out;
        layers.add(resnet(hidden + skip, out, time));
      }
      upBlocks.add(UpBlock.of(weights.at("up_blocks").at(i), layers, attention(level), level > 0));
    }
    convNormOut =
        GroupNorm.of(weights.at("conv_norm_out"), config.groups(), channels.get(0), config.eps());
    convOut = Conv2d.of(weights.at("conv_out"), channels.get(0), config.latentChannels(), 3, 1);
  }

  private ResnetBlock.Config resnet(long in, long out, long time) {
    return new ResnetBlock.Config(in, out, time, config.groups(), config.eps());
  }

  private Transformer2D.Config attention(int level) {
    return config.crossAttention().get(level) ? transformer(level) : null;
  }

  private Transformer2D.Config transformer(int level) {
    return new Transformer2D.Config(
        config.blockOutChannels().get(level),
        config.heads().get(level),
        config.crossAttentionDim(),
        config.groups(),
        config.linearProjection());
  }

  public UNetConfig config() {
    return config;
  }

  /**
   * @param latent [batch, channels, height, width]
   * @param timesteps [batch], each in 0 … 999
   * @param text [batch, tokens, crossAttentionDim]
   * @param probe receives the attention, or null
   * @return the prediction, in the latent's shape
   */
  public Tensor forward(Tensor latent, Tensor timesteps, Tensor text, AttentionProbe probe) {
    Tensor time = timeEmbedding.forward(timesteps);
    List<Tensor> down = new ArrayList<>();
    Tensor hidden = convIn.forward(latent);
    down.add(hidden);
    for (DownBlock block : downBlocks) {
      hidden = block.forward(hidden, time, text, probe, down);
    }
    hidden = midBlock.forward(hidden, time, text, probe);
    Deque<Tensor> skips = new ArrayDeque<>(down);
    for (UpBlock block : upBlocks) {
      hidden = block.forward(hidden, time, text, probe, skips);
    }
    return convOut.forward(Ops.silu(convNormOut.forward(hidden)));
  }
}
