package org.syntagen.diffusion.unet;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Linear;

/** Sinusoids of the timestep through two linear maps. */
public record TimestepEmbedding(Linear linear1, Linear linear2, int channels) {

  public static TimestepEmbedding of(Weights weights, int channels) {
    return new TimestepEmbedding(
        Linear.of(weights.at("linear_1"), channels, 4L * channels),
        Linear.of(weights.at("linear_2"), 4L * channels, 4L * channels),
        channels);
  }

  /**
   * @param timesteps [batch]
   * @return [batch, 4 · channels]
   */
  public Tensor forward(Tensor timesteps) {
    return linear2.forward(Ops.silu(linear1.forward(sinusoids(timesteps, channels))));
  }

  /**
   * Cosines, then sines, of the timestep at geometrically falling frequencies from 1 to 1/10000
   * (exclusive).
   *
   * @param timesteps [batch]
   * @return [batch, channels]
   */
  static Tensor sinusoids(Tensor timesteps, int channels) {
    int half = channels / 2;
    Tensor frequencies = Ops.scale(Tensors.range(half), -Math.log(10000) / half).exp();
    Tensor angles = timesteps.unsqueeze(1).mul(frequencies.unsqueeze(0));
    return Ops.cat(List.of(angles.cos(), angles.sin()), 1);
  }
}
