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

/** Image → means and log-variances of the latent, before the 1 × 1 quant_conv. */
final class Encoder {
  private static final double EPS = 1e-6;

  private final Conv2d convIn;
  private final List<EncoderBlock> downBlocks = new ArrayList<>();
  private final VaeMidBlock midBlock;
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  Encoder(Weights weights, VaeConfig config) {
    List<Integer> channels = config.blockOutChannels();
    int last = channels.size() - 1;
    long groups = config.groups();
    convIn = Conv2d.of(weights.at("conv_in"), 3, channels.get(0), 3, 1);
    for (int i = 0; i <= last; i++) {
      downBlocks.add(
          EncoderBlock.of(
              weights.at("down_blocks").at(i),
              new ResnetBlock.Config(
                  channels.get(Math.max(i - 1, 0)), channels.get(i), 0, groups, EPS),
              config.layersPerBlock(),
              i < last ? EncoderBlock.Halving.ASYMMETRIC : EncoderBlock.Halving.NONE));
    }
    long top = channels.get(last);
    midBlock =
        VaeMidBlock.of(
            weights.at("mid_block"), new ResnetBlock.Config(top, top, 0, groups, EPS), 1);
    convNormOut = GroupNorm.of(weights.at("conv_norm_out"), groups, top, EPS);
    convOut = Conv2d.of(weights.at("conv_out"), top, 2L * config.latentChannels(), 3, 1);
  }

  Tensor forward(Tensor image) {
    List<UnaryOperator<Tensor>> layers = new ArrayList<>();
    layers.add(convIn::forward);
    downBlocks.forEach(block -> layers.add(block::forward));
    layers.add(x -> midBlock.forward(x, null));
    layers.add(x -> Ops.silu(convNormOut.forward(x)));
    layers.add(convOut::forward);
    return Scope.chain(Ops.channelsLast(image), layers);
  }
}
