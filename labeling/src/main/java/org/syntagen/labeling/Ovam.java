package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.labeling.ClassText.Tokens;
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

  /** What else VOC's classes are called, by class name: each a single token of CLIP's. */
  public static final Map<String, List<String>> VOC_SYNONYMS =
      Map.of(
          "aeroplane", List.of("airplane"),
          "bicycle", List.of("bike"),
          "diningtable", List.of("table"),
          "motorbike", List.of("motorcycle"),
          "pottedplant", List.of("plant"),
          "sofa", List.of("couch"),
          "tvmonitor", List.of("television"));

  /**
   * @param background what else an image may show, such as "grass": these words stand behind the
   *     class words and take their share of each pixel's attention
   * @param synonyms what else a class is called, by class name: these words stand beside the
   *     class's own, and what any of them gets of a pixel's attention is the class's
   */
  public record Parameters(List<String> background, Map<String, List<String>> synonyms) {
    public Parameters {
      background = List.copyOf(background);
      Map<String, List<String>> sorted = new TreeMap<>(synonyms);
      sorted.replaceAll((name, words) -> List.copyOf(words));
      synonyms = Collections.unmodifiableMap(sorted);
      if (Stream.concat(background.stream(), synonyms.values().stream().flatMap(Collection::stream))
          .anyMatch(String::isBlank)) {
        throw new IllegalArgumentException(
            "a background text or synonym is empty; give a word or leave it out");
      }
    }

    /** Class words alone. */
    public static Parameters published() {
      return new Parameters(List.of(), Map.of());
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
    map.put("synonyms", parameters.synonyms);
    return map;
  }

  @Override
  public void requireFits(UNetConfig unet) {
    LayerMean.requireFits(unet);
  }

  @Override
  public List<String> texts(Prompt prompt) {
    List<String> words = new ArrayList<>();
    prompt.labels().forEach(label -> words.addAll(words(label)));
    words.addAll(parameters.background);
    return List.of(String.join(" ", words));
  }

  /** What a class is called. */
  private List<String> words(int label) {
    List<String> words = new ArrayList<>(List.of(classes.words(label)));
    words.addAll(parameters.synonyms.getOrDefault(classes.name(label), List.of()));
    return words;
  }

  /** All rows of each class's words, once each: "table" stands in "dining table", too. */
  private List<Tokens> tokens(Prompt prompt, String text, ClipTokenizer tokenizer) {
    List<Tokens> tokens = new ArrayList<>();
    for (int label : prompt.labels()) {
      int[] rows =
          words(label).stream()
              .flatMap(word -> tokenizer.spans(text, word).stream())
              .flatMapToInt(Arrays::stream)
              .distinct()
              .toArray();
      if (rows.length > 0) {
        tokens.add(new Tokens(label, 0, List.of(rows)));
      }
    }
    return tokens;
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
        tokens(prompt, text, model.tokenizer()),
        Ovam::peaked);
  }

  /** The mean attention of each class, divided by its peak. */
  static Tensor peaked(
      AttentionProbe probe, List<Tokens> tokens, Tensor latent, long height, long width) {
    Tensor mean = LayerMean.BILINEAR.of(probe, tokens, latent);
    Tensor full = Ops.clampMin(Ops.resizeBicubic(mean, height, width), 0);
    return full.div(Ops.clampMin(full.amax(new long[] {2, 3}, true), 1e-12));
  }
}
