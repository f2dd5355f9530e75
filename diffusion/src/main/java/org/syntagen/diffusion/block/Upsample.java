package org.syntagen.diffusion.block;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;

/** Doubles the resolution by nearest neighbour, then convolves 3 × 3. */
public record Upsample(Conv2d conv) {

  public static Upsample of(Weights weights, long in, long out) {
    return new Upsample(Conv2d.of(weights.at("conv"), in, out, 3, 1));
  }

  public Tensor forward(Tensor x) {
    return forward(x, 2 * x.size(2), 2 * x.size(3));
  }

  /** To an explicit size, for inputs that an odd resolution was halved into. */
  public Tensor forward(Tensor x, long height, long width) {
    return Scope.compute(() -> conv.forward(Ops.upsampleNearest(x, height, width)));
  }
}
