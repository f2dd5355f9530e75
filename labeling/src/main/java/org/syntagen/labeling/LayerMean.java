package org.syntagen.labeling;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.labeling.ClassText.Tokens;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Tensors;

/** The mean of all heads' cross-attention of several resolutions, each brought to the finest. */
enum LayerMean {
  BICUBIC {
    @Override
    Tensor resized(Tensor maps, long height, long width) {
      return Ops.clampMin(Ops.resizeBicubic(maps, height, width), 0);
    }
  },
  BILINEAR {
    @Override
    Tensor resized(Tensor maps, long height, long width) {
      return Ops.resizeBilinear(maps, height, width);
    }
  };

  /** All resolutions of Stable Diffusion's U-Net but the coarsest. */
  static final Set<Integer> FACTORS = Set.of(1, 2, 4);

  /**
   * Checks that there is something to average.
   *
   * @throws InputException if the U-Net has attention at none of {@link #FACTORS}
   */
  static void requireFits(UNetConfig unet) {
    if (Collections.disjoint(unet.attentionFactors(), FACTORS)) {
      throw new InputException(
          "the U-Net's attention is at factors %s of the latent's resolution; expected some of %s"
              .formatted(unet.attentionFactors(), new TreeSet<>(FACTORS)));
    }
  }

  abstract Tensor resized(Tensor maps, long height, long width);

  /**
   * @param probe has watched {@link #FACTORS}; those that the U-Net lacks are left out
   * @param latent [1, channels, height, width]
   * @return [1, classes, height, width], owned by the open scope
   */
  Tensor of(AttentionProbe probe, List<Tokens> tokens, Tensor latent) {
    return of(probe::crossHeads, probe::cross, tokens, latent);
  }

  /**
   * @param heads how many there are at a resolution, 0 if the U-Net lacks it
   * @param cross their mean attention: [texts, height · width, tokens]
   */
  Tensor of(
      IntToLongFunction heads, IntFunction<Tensor> cross, List<Tokens> tokens, Tensor latent) {
    long height = latent.size(2);
    long width = latent.size(3);
    Tensor total = Tensors.zeros(1, tokens.size(), height, width);
    long all = 0;
    for (int factor : FACTORS.stream().sorted().toList()) {
      long here = heads.applyAsLong(factor);
      if (here > 0) {
        Tensor maps =
            ClassMaps.of(
                cross.apply(factor),
                tokens,
                ClassMaps.side(height, factor),
                ClassMaps.side(width, factor));
        total = Ops.add(total, resized(maps, height, width), here);
        all += here;
      }
    }
    return Ops.scale(total, 1.0 / all);
  }
}
