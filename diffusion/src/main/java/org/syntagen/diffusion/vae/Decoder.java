package org.syntagen.diffusion.vae;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.block.ResnetBlock;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;
import org.syntagen.tensor.nn.GroupNorm;

/** Latent → image, after the 1 × 1 post_quant_conv. */
final class Decoder {
  private static final double EPS = 1e-6;

  private final Conv2d convIn;
  private final VaeMidBlock midBlock;
  private final List<DecoderBlock> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  Decoder(Weights weights, VaeConfig config) {
    List<Integer> channels = config.blockOutChannels();
    int last = channels.size() - 1;
    long groups = config.groups();
    long top = channels.get(last);
    convIn = Conv2d.of(weights.at("conv_in"), config.latentChannels(), top, 3, 1);
    midBlock =
        VaeMidBlock.of(
            weights.at("mid_block"), new ResnetBlock.Config(top, top, 0, groups, EPS), 1);
    for (int i = 0; i <= last; i++) {
      int level = last - i;
      upBlocks.add(
          DecoderBlock.of(
              weights.at("up_blocks").at(i),
              new ResnetBlock.Config(
                  channels.get(Math.min(level + 1, last)), channels.get(level), 0, groups, EPS),
              config.layersPerBlock() + 1,
              level > 0));
    }
    convNormOut = GroupNorm.of(weights.at("conv_norm_out"), groups, channels.get(0), EPS);
    convOut = Conv2d.of(weights.at("conv_out"), channels.get(0), 3, 3, 1);
  }

  Tensor forward(Tensor latent) {
    List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    layers.add(convIn::forward);
    layers.add(x -> midBlock.forward(x, null));
    upBlocks.forEach(block -> layers.add(block::forward));
    layers.add(x -> Ops.silu(convNormOut.forward(x)));
    layers.add(convOut::forward);
    return Scope.chain(Ops.channelsLast(latent), layers);
  }
}
