package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/** DAAM and OVAM against their formulas, from attention recorded resolution by resolution. */
class LayerMapsTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final int DOG = VOC.label("dog");
  private static final int TABLE = VOC.label("diningtable");
  private static final int SIDE = TinyModel.SIDE;
  private static final Prompt PROMPT =
      new Prompt(0, "a dog under a dining table", List.of(TABLE, DOG), 5);

  @Test
  void daamIsTheScaledMeanOfTheCaptionsWords() {
    StableDiffusion model = TinyModel.random();
    double[] expected = new double[SIDE * SIDE];
    int[] table = model.tokenizer().spans(PROMPT.caption(), "dining table").get(0);
    try (Scope scope = new Scope()) {
      accumulate(model, model.embed(List.of(PROMPT.caption())), table, true, expected);
    }
    assertEqual(scaled(expected, min(expected)), seen(model, new Daam(VOC)));
  }

  @Test
  void ovamSharesAttentionAmongTheClassWordsAlone() {
    ovamSharesAttentionAmong("dining table dog", "dining table", Ovam.Parameters.published());
  }

  @Test
  void ovamsBackgroundTextsHaveTheirShare() {
    ovamSharesAttentionAmong(
        "dining table dog a room",
        "dining table",
        new Ovam.Parameters(List.of("a room"), Map.of()));
    assertThatThrownBy(() -> new Ovam.Parameters(List.of(" "), Map.of()))
        .hasMessageContaining("empty");
  }

  /** What any of a class's words gets of the attention is the class's. */
  @Test
  void ovamsSynonymsAreTheClasssOwn() {
    ovamSharesAttentionAmong(
        "dining table table cat dog",
        "dining table table cat",
        new Ovam.Parameters(List.of(), Map.of("diningtable", List.of("table", "cat"))));
    assertThatThrownBy(() -> new Ovam.Parameters(List.of(), Map.of("dog", List.of(""))))
        .hasMessageContaining("empty");
  }

  /**
   * @param words the text that is looked at
   * @param table the words of it that are the table's
   */
  private static void ovamSharesAttentionAmong(
      String words, String table, Ovam.Parameters parameters) {
    StableDiffusion model = TinyModel.random();
    double[] expected = new double[SIDE * SIDE];
    try (Scope scope = new Scope()) {
      // Start token, the words, end token: no padding.
      int[] spans = model.tokenizer().spans(words, table).get(0);
      int rows = model.tokenizer().encode(words).tokens();
      Tensor text = model.embed(List.of(words)).narrow(1, 0, rows);
      accumulate(model, text, spans, false, expected);
    }
    assertEqual(scaled(expected, 0), seen(model, new Ovam(parameters, VOC)));
  }

  private static float[] seen(StableDiffusion model, Attribution attribution) {
    return TinyModel.scores(model, attribution, PROMPT).values();
  }

  /** Adds each resolution's mean over its rows, weighted by its number of heads. */
  private static void accumulate(
      StableDiffusion model, Tensor text, int[] rows, boolean bicubic, double[] into) {
    for (int factor : new int[] {1, 2, 4}) {
      try (AttentionProbe probe = new AttentionProbe(text, SIDE, Set.of(factor), Set.of())) {
        TinyModel.sample(model, PROMPT.caption(), probe);
        if (probe.crossHeads(factor) == 0) {
          continue;
        }
        Tensor cross = probe.cross(factor);
        float[] weights = Tensors.floats(cross);
        int tokens = (int) cross.size(2);
        int grid = SIDE / factor;
        float[] map = new float[grid * grid];
        for (int p = 0; p < map.length; p++) {
          for (int row : rows) {
            map[p] += weights[p * tokens + row] / rows.length;
          }
        }
        Tensor small = Tensors.of(map, 1, 1, grid, grid);
        float[] full =
            Tensors.floats(
                bicubic
                    ? Ops.resizeBicubic(small, SIDE, SIDE)
                    : Ops.resizeBilinear(small, SIDE, SIDE));
        for (int p = 0; p < full.length; p++) {
          into[p] += probe.crossHeads(factor) * Math.max(0.0, full[p]);
        }
      }
    }
  }

  private static double min(double[] map) {
    return Arrays.stream(map).min().orElseThrow();
  }

  private static double[] scaled(double[] map, double low) {
    double high = Arrays.stream(map).max().orElseThrow();
    return Arrays.stream(map).map(v -> (v - low) / (high - low)).toArray();
  }

  /** The dining table comes first. */
  private static void assertEqual(double[] expected, float[] scores) {
    for (int p = 0; p < expected.length; p++) {
      assertThat((double) scores[p]).isCloseTo(expected[p], within(1e-3));
    }
  }
}
