package org.syntagen.diffusion.block;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;
import org.syntagen.tensor.nn.GroupNorm;
import org.syntagen.tensor.nn.Linear;

/**
 * Two convolutions with a residual connection, shifted by the time embedding (diffusers'
 * ResnetBlock2D).
 *
 * @param timeEmbProj null in the autoencoder, which knows no time
 * @param convShortcut 1 × 1, null when input and output have as many channels
 */
public record ResnetBlock(
    GroupNorm norm1,
    Conv2d conv1,
    Linear timeEmbProj,
    GroupNorm norm2,
    Conv2d conv2,
    Conv2d convShortcut,
    Resampling resampling) {

  /** What happens to the resolution inside the block; Stable Diffusion's own blocks keep it. */
  public enum Resampling {
    NONE,
    /** Nearest neighbour, × 2. */
    UP,
    /** Average over 2 × 2. */
    DOWN
  }

  /** Shape of a block: channels, width of the time embedding (0 = none), normalisation. */
  public record Config(long in, long out, long timeChannels, long groups, double eps) {}

  public static ResnetBlock of(Weights weights, Config config) {
    return of(weights, config, config.in != config.out, Resampling.NONE);
  }

  public static ResnetBlock of(
      Weights weights, Config config, boolean shortcut, Resampling resampling) {
    long out = config.out;
    return new ResnetBlock(
        GroupNorm.of(weights.at("norm1"), config.groups, config.in, config.eps),
        Conv2d.of(weights.at("conv1"), config.in, out, 3, 1),
        config.timeChannels == 0
            ? null
            : Linear.of(weights.at("time_emb_proj"), config.timeChannels, out),
        GroupNorm.of(weights.at("norm2"), config.groups, out, config.eps),
        Conv2d.of(weights.at("conv2"), out, out, 3, 1),
        shortcut ? Conv2d.of(weights.at("conv_shortcut"), config.in, out, 1, 0) : null,
        resampling);
  }

  /**
   * @param x [batch, in, height, width]
   * @param time [batch, timeChannels], or null without {@link #timeEmbProj}
   * @return [batch, out, height, width], times or over 2 when resampling
   */
  public Tensor forward(Tensor x, Tensor time) {
    return Scope.compute(() -> transform(x, time));
  }

  private Tensor transform(Tensor x, Tensor time) {
    Tensor input = resample(x);
    Tensor hidden =
        Scope.chain(
            x,
            List.of(
                y -> Ops.silu(norm1.forward(y)),
                this::resample,
                conv1::forward,
                y -> shifted(y, time),
                y -> Ops.silu(norm2.forward(y)),
                conv2::forward));
    return Ops.addInPlace(hidden, convShortcut == null ? input : convShortcut.forward(input), 1);
  }

  private Tensor shifted(Tensor x, Tensor time) {
    if (timeEmbProj == null) {
      return x;
    }
    Tensor shift = timeEmbProj.forward(Ops.silu(time)); // [batch, out]
    return Ops.addInPlace(x, shift.unsqueeze(-1).unsqueeze(-1), 1);
  }

  private Tensor resample(Tensor x) {
    return switch (resampling) {
      case NONE -> x;
      case UP -> Ops.upsampleNearest2x(x);
      case DOWN -> Ops.avgPool2d(x, 2);
    };
  }
}
