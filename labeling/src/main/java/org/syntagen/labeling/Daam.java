package org.syntagen.labeling;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.tensor.Ops;

/**
 * Diffusion attentive attribution maps (Tang et al., What the DAAM, ACL 2023): the cross-attention
 * of the caption's own words, averaged over heads, layers of three resolutions and steps. A class
 * that the caption does not name has no scores.
 */
public final class Daam implements Attribution {
  static final String NAME = "daam";

  /** The published threshold of a map that is scaled to 0 … 1. */
  public static final Thresholds THRESHOLDS = new Thresholds(0.4, 0.4);

  private final ClassSet classes;

  public Daam(ClassSet classes) {
    this.classes = classes;
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    return map;
  }

  @Override
  public void requireFits(UNetConfig unet) {
    LayerMean.requireFits(unet);
  }

  @Override
  public List<String> texts(Prompt prompt) {
    return ClassText.CAPTION.texts(prompt, classes);
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    return new ProbeWatch(
        new AttentionProbe(
            model.embed(texts(prompt)), 1, latentHeight, LayerMean.FACTORS, Set.of()),
        ClassText.CAPTION.tokens(prompt, classes, model.tokenizer()),
        (probe, tokens, latent, height, width) -> {
          Tensor mean = LayerMean.BICUBIC.of(probe, tokens, latent);
          return ClassMaps.scaled(Ops.resizeBicubic(mean, height, width));
        });
  }
}
