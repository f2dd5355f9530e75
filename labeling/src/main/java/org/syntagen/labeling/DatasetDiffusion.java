package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

/**
 * Labels by self-attention exponentiation (Nguyen et al., Dataset Diffusion, NeurIPS 2023, section
 * 3.3): the cross-attention of a class word says where the class is, multiplied by powers of the
 * self-attention it spreads over the object's pixels. Class words are mapped to the rows of their
 * tokens by the tokenizer itself.
 */
public final class DatasetDiffusion {

  /** In which texts the class words stand whose attention is looked at. */
  public enum ClassText {
    /** One text of all class words, "dog dining table", as published. */
    JOINED {
      @Override
      List<String> of(Prompt prompt, ClassSet classes) {
        return List.of(prompt.classPrompt(classes));
      }
    },
    /** A sentence for each class, "a photo of a dog", for models that know captions only. */
    SENTENCES {
      @Override
      List<String> of(Prompt prompt, ClassSet classes) {
        return prompt.labels().stream()
            .map(label -> "a photo of " + ClassSet.withArticle(classes.words(label)))
            .toList();
      }
    };

    abstract List<String> of(Prompt prompt, ClassSet classes);

    /** The lower-case name for flags and files. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param classText where the class words stand
   * @param crossFactor cross-attention is taken at 1/crossFactor of the latent resolution
   * @param selfFactor self-attention likewise
   * @param exponent τ, how often the self-attention is applied; 0 for not at all
   * @param foreground scores from here on, after scaling each class to 0 … 1, are the class's
   * @param uncertain scores from here to {@code foreground} are void; below is background
   */
  public record Parameters(
      ClassText classText,
      int crossFactor,
      int selfFactor,
      int exponent,
      double foreground,
      double uncertain) {
    public Parameters {
      if (crossFactor < 1 || selfFactor < 1) {
        throw new IllegalArgumentException("attention factors must be at least 1");
      }
      if (exponent < 0 || exponent > 64) {
        throw new IllegalArgumentException("exponent must be 0 to 64, not " + exponent);
      }
      if (!(0 < uncertain && uncertain <= foreground && foreground < 1)) {
        throw new IllegalArgumentException(
            "thresholds must satisfy 0 < uncertain <= foreground < 1, not "
                + uncertain
                + " and "
                + foreground);
      }
    }

    /** The paper's: 16 and 32 grids of a 64 × 64 latent, τ = 4, void from 0.5 to 0.6. */
    public static Parameters published() {
      return new Parameters(ClassText.JOINED, 4, 2, 4, 0.6, 0.5);
    }

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", "dataset-diffusion");
      map.put("classText", classText.id());
      map.put("crossFactor", crossFactor);
      map.put("selfFactor", selfFactor);
      map.put("exponent", exponent);
      map.put("foreground", foreground);
      map.put("uncertain", uncertain);
      return map;
    }
  }

  /**
   * Where the tokens of a class stand.
   *
   * @param text position of the text among {@link #texts}
   * @param spans rows of that text's embedding
   */
  record ClassTokens(int label, int text, List<int[]> spans) {}

  private final Parameters parameters;
  private final ClassSet classes;
  private final Optional<Refinement> refinement;

  /** Labels by thresholds alone, as published. */
  public DatasetDiffusion(Parameters parameters, ClassSet classes) {
    this(parameters, classes, Optional.empty());
  }

  /**
   * @param refinement decides on labels instead of the thresholds
   */
  public DatasetDiffusion(
      Parameters parameters, ClassSet classes, Optional<Refinement> refinement) {
    this.parameters = parameters;
    this.classes = classes;
    this.refinement = refinement;
  }

  /** For provenance. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = parameters.toMap();
    refinement.ifPresent(refine -> map.put("refinement", refine.toMap()));
    return map;
  }

  /** The texts of a sample whose attention {@link #probe} records; at least one. */
  public List<String> texts(Prompt prompt) {
    List<String> texts = parameters.classText.of(prompt, classes);
    return texts.isEmpty() ? List.of("") : texts;
  }

  /**
   * A probe that records what this labeler needs of one sample.
   *
   * @param texts embeddings of {@link #texts}, [texts, tokens, width]
   */
  public AttentionProbe probe(Tensor texts, long latentHeight) {
    Set<Integer> self = parameters.exponent > 0 ? Set.of(parameters.selfFactor) : Set.of();
    return new AttentionProbe(texts, 1, latentHeight, Set.of(parameters.crossFactor), self);
  }

  /**
   * How strongly each pixel belongs to each class.
   *
   * @param labels of the classes
   * @param values class by class and row by row, 0 … 1 up to the overshoot of bicubic resizing
   * @param width of the image, in pixels
   */
  public record Scores(List<Integer> labels, float[] values, int width, int height) {}

  /**
   * Scores one sample.
   *
   * @param probe after sampling
   * @param width of the image, in pixels
   * @param latentWidth of the latent that the probe watched
   */
  public Scores scores(
      AttentionProbe probe,
      Prompt prompt,
      ClipTokenizer tokenizer,
      int width,
      int height,
      long latentWidth,
      long latentHeight) {
    List<ClassTokens> tokens = tokens(prompt, tokenizer);
    List<Integer> labels = tokens.stream().map(ClassTokens::label).toList();
    if (tokens.isEmpty()) {
      return new Scores(labels, new float[0], width, height);
    }
    try (Scope scope = new Scope()) {
      Tensor scores = scores(probe, tokens, latentWidth, latentHeight);
      Tensor full = Ops.resizeBicubic(scores.unsqueeze(0), height, width);
      return new Scores(labels, Ops.floats(full), width, height);
    }
  }

  /**
   * The labels of an image.
   *
   * @param image as large as the scores
   */
  public LabelMap label(Scores scores, BufferedImage image) {
    return refinement
        .map(refine -> refine.label(scores.labels, scores.values, image))
        .orElseGet(() -> label(scores));
  }

  /** The strongest class of each pixel, void where it is uncertain, background where it is weak. */
  LabelMap label(Scores scores) {
    int pixels = scores.width * scores.height;
    byte[] labels = new byte[pixels];
    float[] values = scores.values;
    for (int p = 0; p < pixels && !scores.labels.isEmpty(); p++) {
      int best = 0;
      for (int k = 1; k < scores.labels.size(); k++) {
        if (values[k * pixels + p] > values[best * pixels + p]) {
          best = k;
        }
      }
      float score = values[best * pixels + p];
      if (score >= parameters.foreground) {
        labels[p] = (byte) (int) scores.labels.get(best);
      } else if (score >= parameters.uncertain) {
        labels[p] = (byte) ClassSet.VOID;
      }
    }
    return new LabelMap(scores.width, scores.height, labels);
  }

  /** Where each class stands that the tokenizer did not cut off. */
  List<ClassTokens> tokens(Prompt prompt, ClipTokenizer tokenizer) {
    List<String> texts = texts(prompt);
    List<ClassTokens> tokens = new ArrayList<>();
    for (int i = 0; i < prompt.labels().size(); i++) {
      int label = prompt.labels().get(i);
      int text = texts.size() == 1 ? 0 : i;
      List<int[]> spans = tokenizer.spans(texts.get(text), classes.words(label));
      if (!spans.isEmpty()) {
        tokens.add(new ClassTokens(label, text, spans));
      }
    }
    return tokens;
  }

  /** Scores 0 … 1 of each class: [classes, height, width] at the self-attention's resolution. */
  private Tensor scores(
      AttentionProbe probe, List<ClassTokens> tokens, long latentWidth, long latentHeight) {
    int factor = parameters.exponent > 0 ? parameters.selfFactor : parameters.crossFactor;
    long height = grid(latentHeight, factor);
    long width = grid(latentWidth, factor);
    Tensor cross = probe.cross(parameters.crossFactor); // [texts, h·w, tokens]
    List<Tensor> maps = new ArrayList<>();
    for (ClassTokens each : tokens) {
      maps.add(meanOf(cross.select(0, each.text), each.spans));
    }
    Tensor stacked =
        Ops.stack(maps)
            .reshape(
                1,
                tokens.size(),
                grid(latentHeight, parameters.crossFactor),
                grid(latentWidth, parameters.crossFactor));
    Tensor columns =
        Ops.resizeBicubic(stacked, height, width).reshape(tokens.size(), height * width, 1);
    if (parameters.exponent > 0) {
      // A constant passes through the self-attention and is scaled away below: without the mean,
      // what differs between pixels keeps all its digits.
      columns = columns.sub(Ops.mean(columns, true, 1));
      Tensor self = probe.self(parameters.selfFactor).select(0, 0); // [n, n]
      for (int i = 0; i < parameters.exponent; i++) {
        columns = self.matmul(columns);
      }
    }
    Tensor low = columns.amin(new long[] {1}, true);
    Tensor range = Ops.clampMin(columns.amax(new long[] {1}, true).sub(low), 1e-12);
    return columns.sub(low).div(range).reshape(tokens.size(), height, width);
  }

  private static long grid(long latent, int factor) {
    return (latent + factor - 1) / factor;
  }

  /** Mean over all tokens of all occurrences: [h·w]. */
  private static Tensor meanOf(Tensor cross, List<int[]> spans) {
    List<Long> rows = new ArrayList<>();
    for (int[] span : spans) {
      for (int row : span) {
        rows.add((long) row);
      }
    }
    long[] chosen = rows.stream().mapToLong(Long::longValue).toArray();
    return Ops.mean(cross.index_select(1, Ops.of(chosen, chosen.length)), false, 1);
  }
}
