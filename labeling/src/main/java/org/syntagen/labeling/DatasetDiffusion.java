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
import org.syntagen.tensor.Ops;

/**
 * Self-attention exponentiation (Nguyen et al., Dataset Diffusion, NeurIPS 2023, section 3.3): the
 * cross-attention of a class word says where the class is, multiplied by powers of the
 * self-attention it spreads over the object's pixels.
 */
public final class DatasetDiffusion implements Attribution {
  static final String NAME = "dataset-diffusion";

  /**
   * @param classText where the class words stand
   * @param wordRows take the first row of each word as if every word were one token, which is what
   *     the published code does: of "aeroplane" it reads the first half, and of the word behind it
   *     the second half of "aeroplane". Otherwise the tokenizer tells the rows of a class
   * @param crossFactor cross-attention is taken at 1/crossFactor of the latent resolution
   * @param selfFactor self-attention likewise
   * @param exponent τ, how often the self-attention is applied; 0 for not at all
   */
  public record Parameters(
      ClassText classText, boolean wordRows, int crossFactor, int selfFactor, int exponent) {
    public Parameters {
      if (wordRows && classText != ClassText.JOINED) {
        throw new IllegalArgumentException("rows are counted in words in the joined text only");
      }
      if (crossFactor < 1 || selfFactor < 1) {
        throw new IllegalArgumentException("attention factors must be at least 1");
      }
      if (exponent < 0 || exponent > 64) {
        throw new IllegalArgumentException("exponent must be 0 to 64, not " + exponent);
      }
    }

    /** The paper's: 16 and 32 grids of a 64 × 64 latent, τ = 4. */
    public static Parameters published() {
      return new Parameters(ClassText.JOINED, false, 4, 2, 4);
    }

    /** The same with the published code's rows. */
    public static Parameters reference() {
      return new Parameters(ClassText.JOINED, true, 4, 2, 4);
    }
  }

  /** The published thresholds: void from 0.5 to 0.6. */
  public static final Thresholds THRESHOLDS = new Thresholds(0.6, 0.5);

  private final Parameters parameters;
  private final ClassSet classes;

  public DatasetDiffusion(Parameters parameters, ClassSet classes) {
    this.parameters = parameters;
    this.classes = classes;
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("classText", parameters.classText.id());
    map.put("wordRows", parameters.wordRows);
    map.put("crossFactor", parameters.crossFactor);
    map.put("selfFactor", parameters.selfFactor);
    map.put("exponent", parameters.exponent);
    return map;
  }

  @Override
  public void requireFits(UNetConfig unet) {
    requireAttention(unet, "cross-attention", parameters.crossFactor);
    if (parameters.exponent > 0) {
      requireAttention(unet, "self-attention", parameters.selfFactor);
    }
  }

  private static void requireAttention(UNetConfig unet, String what, int factor) {
    if (!unet.attentionFactors().contains(factor)) {
      throw new InputException(
          "the U-Net has no %s at 1/%d of the latent's resolution; expected a factor among %s"
              .formatted(what, factor, unet.attentionFactors()));
    }
  }

  @Override
  public List<String> texts(Prompt prompt) {
    return parameters.classText.texts(prompt, classes);
  }

  @Override
  public Watch watch(StableDiffusion model, Prompt prompt, long latentHeight) {
    Set<Integer> self = parameters.exponent > 0 ? Set.of(parameters.selfFactor) : Set.of();
    AttentionProbe probe =
        new AttentionProbe(
            model.embed(texts(prompt)), 1, latentHeight, Set.of(parameters.crossFactor), self);
    List<Tokens> tokens =
        parameters.wordRows
            ? wordRows(prompt, model.tokenizer().maxLength())
            : parameters.classText.tokens(prompt, classes, model.tokenizer());
    return new ProbeWatch(probe, tokens, this::scores);
  }

  /**
   * Rows counted in words, from 1 behind the start token, of classes that the text has room for.
   */
  private List<Tokens> wordRows(Prompt prompt, int maxLength) {
    List<Tokens> tokens = new ArrayList<>();
    int row = 1;
    for (int label : prompt.labels()) {
      int words = classes.words(label).split(" ").length;
      int[] rows = new int[words];
      for (int i = 0; i < words; i++) {
        rows[i] = row++;
      }
      if (row <= maxLength) {
        tokens.add(new Tokens(label, 0, List.of(rows)));
      }
    }
    return tokens;
  }

  private Tensor scores(
      AttentionProbe probe, List<Tokens> tokens, Tensor latent, long height, long width) {
    int factor = parameters.exponent > 0 ? parameters.selfFactor : parameters.crossFactor;
    long rows = ClassMaps.side(latent.size(2), factor);
    long columns = ClassMaps.side(latent.size(3), factor);
    Tensor cross =
        ClassMaps.of(
            probe.cross(parameters.crossFactor),
            tokens,
            ClassMaps.side(latent.size(2), parameters.crossFactor),
            ClassMaps.side(latent.size(3), parameters.crossFactor));
    Tensor maps = Ops.resizeBicubic(cross, rows, columns);
    if (parameters.exponent > 0) {
      Tensor spread = maps.reshape(tokens.size(), rows * columns, 1);
      // A constant passes through the self-attention and is scaled away below: without the mean,
      // what differs between pixels keeps all its digits.
      spread = spread.sub(Ops.mean(spread, true, 1));
      Tensor self = probe.self(parameters.selfFactor).select(0, 0); // [n, n]
      for (int i = 0; i < parameters.exponent; i++) {
        spread = self.matmul(spread);
      }
      maps = spread.reshape(1, tokens.size(), rows, columns);
    }
    return Ops.resizeBicubic(ClassMaps.scaled(maps), height, width);
  }
}
