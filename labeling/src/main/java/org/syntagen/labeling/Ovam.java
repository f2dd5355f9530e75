package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.tensor.Ops;

/**
 * Open-vocabulary attention maps (Marcos-Manchón et al., OVAM, CVPR 2024): the pixels' queries are
 * matched with a text of the class words alone, whose tokens share each pixel's attention without
 * padding, averaged over heads, layers of three resolutions and steps. Each class is divided by its
 * peak. The published code looks at the unconditional half of classifier-free guidance; here it is
 * the conditional one, which an image that is looked at without guidance has too.
 */
public final class Ovam implements Attribution {
  static final String NAME = "ovam";

  /** The published threshold of plain class words. */
  public static final Thresholds THRESHOLDS = new Thresholds(0.4, 0.4);

  /**
   * @param background what else an image may show, such as "grass": these words stand behind the
   *     class words and take their share of each pixel's attention
   */
  public record Parameters(List<String> background) {
    public Parameters {
      background = List.copyOf(background);
      if (background.stream().anyMatch(String::isBlank)) {
        throw new IllegalArgumentException(
            "a background text is empty; give a word or leave it out");
      }
    }

    /** Class words alone. */
    public static Parameters published() {
      return new Parameters(List.of());
    }
  }

  private final Parameters parameters;
  private final ClassSet classes;

  public Ovam(Parameters parameters, ClassSet classes) {
    this.parameters = parameters;
    this.classes = classes;
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("background", parameters.background);
    return map;
  }

  @Override
  public List<String> texts(Prompt prompt) {
    List<String> words = new ArrayList<>(ClassText.JOINED.texts(prompt, classes));
    words.addAll(parameters.background);
    return List.of(String.join(" ", words));
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    String text = texts(prompt).get(0);
    int rows = model.tokenizer().encode(text).tokens();
    return new ProbeWatch(
        new AttentionProbe(
            model.embed(List.of(text)).narrow(1, 0, rows),
            1,
            latentHeight,
            LayerMean.FACTORS,
            Set.of()),
        ClassText.JOINED.tokens(prompt, classes, model.tokenizer()),
        (probe, tokens, latent, height, width) -> {
          Tensor mean = LayerMean.BILINEAR.of(probe, tokens, latent);
          Tensor full = Ops.clampMin(Ops.resizeBicubic(mean, height, width), 0);
          return full.div(Ops.clampMin(full.amax(new long[] {2, 3}, true), 1e-12));
        });
  }
}
