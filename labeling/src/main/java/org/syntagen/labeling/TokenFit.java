package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.attention.CrossQueries;
import org.syntagen.labeling.ClassText.Tokens;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.optim.Sgd;

/**
 * Optimises tokens for {@link TokenOvam} (Marcos-Manchón et al., OVAM, CVPR 2024, section 3.3): the
 * rows of background and class are moved until the attention of an image's pixels over the two is
 * its mask. The paper takes one mask a class drawn by hand; these are masks of another labeler, of
 * several images, so that no human drew any.
 */
public final class TokenFit {
  private static final int BACKGROUND = 0;
  private static final int CLASS = 1;
  private static final List<Tokens> ROWS =
      List.of(
          new Tokens(BACKGROUND, 0, List.of(new int[] {BACKGROUND})),
          new Tokens(CLASS, 0, List.of(new int[] {CLASS})));

  /**
   * @param steps of gradient descent
   * @param learningRate of the first steps
   * @param decay the rate is multiplied by this ...
   * @param decayEvery so many steps
   */
  public record Parameters(int steps, double learningRate, double decay, int decayEvery) {
    public Parameters {
      if (steps < 1 || decayEvery < 1) {
        throw new IllegalArgumentException("tokens need at least one step, and a decay after some");
      }
      if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)
          || !(decay > 0 && decay <= 1)) {
        throw new IllegalArgumentException(
            "the learning rate must be positive and finite, its decay above 0 and at most 1");
      }
    }

    /** Those of the published script for VOC's classes. */
    public static Parameters published() {
      return new Parameters(800, 100, 0.7, 120);
    }

    private double rate(int step) {
      return learningRate * Math.pow(decay, step / decayEvery);
    }

    /** For provenance. */
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("steps", steps);
      map.put("learningRate", learningRate);
      map.put("decay", decay);
      map.put("decayEvery", decayEvery);
      return map;
    }
  }

  /**
   * What a class has learned.
   *
   * @param rows the background's and the class's
   * @param before the loss of the rows that it began with
   * @param after the loss of these
   */
  public record Fitted(float[] rows, double before, double after) {}

  /** An image, its caption, and the mask to fit. */
  public record Example(BufferedImage image, Prompt prompt, LabelMap mask) {}

  /**
   * @param target 1 where the class is, else 0, or void: [1, height, width]
   */
  private record Seen(CrossQueries queries, Tensor latent, Tensor target) {}

  private final StableDiffusion model;
  private final ClassSet classes;
  private final Parameters parameters;
  private final NoisedImages images;

  /**
   * @param timesteps to noise images to, as in {@link ImageScorer}
   */
  public TokenFit(
      StableDiffusion model, ClassSet classes, Parameters parameters, List<Long> timesteps) {
    this.model = model;
    this.classes = classes;
    this.parameters = parameters;
    this.images = new NoisedImages(model, timesteps);
  }

  /**
   * Fits the tokens of a class; those with the lowest loss are kept.
   *
   * @param examples that show the class, at least one
   */
  public Fitted fit(int label, List<Example> examples) {
    try (Scope scope = new Scope()) {
      List<Seen> seen = new ArrayList<>();
      try {
        for (Example example : examples) {
          see(label, example, seen);
        }
        return descend(start(label), seen);
      } finally {
        seen.forEach(each -> each.queries.close());
      }
    }
  }

  /** Adds what is seen of an image, before queries are kept, so that the caller closes them. */
  private void see(int label, Example example, List<Seen> seen) {
    try (NoGrad noGrad = new NoGrad()) {
      Tensor latent = images.encode(example.image);
      CrossQueries queries =
          new CrossQueries(LayerMean.FACTORS, call -> true, Dtype.F32, Long.MAX_VALUE);
      seen.add(new Seen(queries, latent, target(label, example.mask)));
      Tensor none = model.embed(List.of(""));
      try (AttentionProbe probe =
          new AttentionProbe(none, 1, latent.size(2), Set.of(), Set.of(), queries)) {
        images.show(latent, example.prompt, probe);
      }
    }
  }

  private static Tensor target(int label, LabelMap mask) {
    byte[] labels = mask.labels();
    long[] target = new long[labels.length];
    for (int p = 0; p < labels.length; p++) {
      int here = Byte.toUnsignedInt(labels[p]);
      target[p] = here == ClassSet.VOID ? ClassSet.VOID : here == label ? CLASS : BACKGROUND;
    }
    return Tensors.of(target, 1, mask.height(), mask.width());
  }

  /**
   * The start token's row and the class's, the mean over its tokens, of "a photograph of a dog".
   */
  private Tensor start(int label) {
    try (NoGrad noGrad = new NoGrad()) {
      String words = classes.words(label);
      String text = "a photograph of " + ClassSet.withArticle(words);
      Tensor embedded = model.embed(List.of(text)).select(0, 0);
      int[] span = model.tokenizer().spans(text, words).get(0);
      Tensor word = Ops.mean(embedded.narrow(0, span[0], span.length), true, 0);
      return Ops.cat(List.of(embedded.narrow(0, 0, 1), word), 0).unsqueeze(0);
    }
  }

  /**
   * @param rows [1, 2, width], which are changed
   */
  private Fitted descend(Tensor rows, List<Seen> seen) {
    rows.requires_grad_(true);
    try (StateDict state = new StateDict("descent")) {
      Sgd descent = new Sgd(Map.of("rows", rows), name -> 1, state, 0, 0);
      double before = 0;
      double least = Double.POSITIVE_INFINITY;
      float[] best = null;
      for (int step = 0; step <= parameters.steps; step++) {
        double loss = 0;
        for (Seen each : seen) {
          loss += backward(rows, each, 1.0 / seen.size());
        }
        if (step == 0) {
          before = loss;
        }
        if (loss < least) {
          least = loss;
          best = Tensors.floats(rows);
        }
        descent.step(parameters.rate(step), Double.POSITIVE_INFINITY);
      }
      return new Fitted(best, before, least);
    }
  }

  /** Adds an image's share to the gradient and returns its share of the loss. */
  private static double backward(Tensor rows, Seen seen, double share) {
    try (Scope scope = new Scope()) {
      Tensor maps =
          LayerMean.BILINEAR.of(
              seen.queries::crossHeads,
              factor -> seen.queries.cross(factor, rows),
              ROWS,
              seen.latent);
      Tensor full = Ops.resizeBilinear(maps, seen.target.size(1), seen.target.size(2));
      // As published, the two maps are the logits, though they lie between 0 and 1.
      Tensor loss = Ops.scale(Ops.crossEntropy(full, seen.target, ClassSet.VOID), share);
      loss.backward();
      return loss.item_double();
    }
  }
}
