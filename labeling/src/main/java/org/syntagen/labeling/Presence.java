package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;

/**
 * Which classes an image shows: those that help to denoise it more than all others, decided on the
 * gains as they are. Scores that are scaled class by class cannot tell, since every class has a
 * peak then.
 *
 * @param contrast what gains
 * @param least how much a class must lead, the mean over the image's positions
 */
public record Presence(DenoisingContrast contrast, double least) {
  public Presence {
    if (!(least > 0)) {
      throw new IllegalArgumentException("the least evidence must be positive, not " + least);
    }
  }

  /** For provenance. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("contrast", contrast.toMap());
    map.put("least", least);
    return map;
  }

  /**
   * What is there: some of the prompt's classes, in its order, and a caption that names them.
   *
   * @param prompt its classes are those that come into question, at least one
   * @param latent the image's, without noise: [1, channels, height, width]
   * @return the prompt with its own caption if nothing is
   */
  Prompt among(StableDiffusion model, Prompt prompt, Tensor latent) {
    double[] evidence = contrast.evidence(model, prompt, latent);
    List<Integer> there = new ArrayList<>();
    for (int k = 0; k < evidence.length; k++) {
      if (evidence[k] >= least) {
        there.add(prompt.labels().get(k));
      }
    }
    return there.isEmpty() ? prompt.withLabels(there) : contrast.about(prompt, there);
  }
}
