package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.labeling.ClassText.Tokens;

/**
 * {@link Ovam} with optimised tokens (section 3.3 of the paper): each class has a text of its own
 * that no words make, learned rows for background and class, which share each pixel's attention.
 */
public final class TokenOvam implements Attribution {
  static final String NAME = "ovam-tokens";

  /** The published threshold of optimised tokens. */
  public static final Thresholds THRESHOLDS = new Thresholds(0.75, 0.75);

  private final LearnedTokens learned;
  private final ClassSet classes;

  public TokenOvam(LearnedTokens learned, ClassSet classes) {
    this.learned = learned;
    this.classes = classes;
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("tokens", learned.toMap());
    return map;
  }

  @Override
  public void requireFits(UNetConfig unet) {
    LayerMean.requireFits(unet);
    learned.requireFits(unet.crossAttentionDim());
  }

  /**
   * None: the tokens are no words.
   *
   * @throws InputException if a class of the prompt has no tokens
   */
  @Override
  public List<String> texts(Prompt prompt) {
    learned.requireAll(names(prompt));
    return List.of();
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    List<Tokens> tokens = new ArrayList<>();
    for (int label : prompt.labels()) {
      tokens.add(new Tokens(label, tokens.size(), List.of(new int[] {1})));
    }
    Tensor texts = tokens.isEmpty() ? model.embed(List.of("")) : learned.of(names(prompt));
    return new ProbeWatch(
        new AttentionProbe(texts, 1, latentHeight, LayerMean.FACTORS, Set.of()),
        tokens,
        Ovam::peaked);
  }

  private List<String> names(Prompt prompt) {
    return prompt.labels().stream().map(classes::name).toList();
  }
}
