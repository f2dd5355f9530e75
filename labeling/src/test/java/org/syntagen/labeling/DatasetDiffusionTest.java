package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.labeling.DatasetDiffusion.ClassText;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;

class DatasetDiffusionTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final int DOG = VOC.label("dog");
  private static final int TABLE = VOC.label("diningtable");

  private static DatasetDiffusion labeler(double foreground, double uncertain) {
    return new DatasetDiffusion(
        new DatasetDiffusion.Parameters(ClassText.JOINED, 1, 1, 0, foreground, uncertain), VOC);
  }

  @Test
  void theStrongestClassWinsAndWeakPixelsAreVoidOrBackground() {
    float[] values = {0.9f, 0.65f, 0.55f, 0.1f, 0.2f, 0.8f, 0.5f, 0.49f};
    LabelMap labels =
        labeler(0.6, 0.5).label(new DatasetDiffusion.Scores(List.of(DOG, TABLE), values, 4, 1));
    assertThat(IntStream.range(0, 4).map(x -> labels.at(x, 0)))
        .containsExactly(DOG, TABLE, ClassSet.VOID, 0);
  }

  @Test
  void aPromptWithoutClassesIsAllBackground() {
    LabelMap labels =
        labeler(0.6, 0.5).label(new DatasetDiffusion.Scores(List.of(), new float[0], 3, 2));
    assertThat(labels.histogram()[0]).isEqualTo(6);
  }

  @Test
  void thresholdsInTheWrongOrderAreRefused() {
    assertThatThrownBy(() -> new DatasetDiffusion.Parameters(ClassText.JOINED, 4, 2, 4, 0.5, 0.6))
        .hasMessageContaining("uncertain");
  }

  @Test
  void classWordsAreFoundByTheTokenizer() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "a dog", List.of(DOG, TABLE), 1);
    List<DatasetDiffusion.ClassTokens> tokens = labeler(0.6, 0.5).tokens(prompt, model.tokenizer());
    // Class prompt "dog dining table": row 0 is the start token.
    assertThat(tokens).extracting(DatasetDiffusion.ClassTokens::label).containsExactly(DOG, TABLE);
    assertThat(tokens.get(0).spans()).containsExactly(new int[] {1});
    assertThat(tokens.get(1).spans()).containsExactly(new int[] {2, 3});
  }

  @Test
  void inSentencesEachClassHasATextOfItsOwn() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "a dog", List.of(DOG, TABLE), 1);
    DatasetDiffusion labeler =
        new DatasetDiffusion(
            new DatasetDiffusion.Parameters(ClassText.SENTENCES, 1, 1, 0, 0.6, 0.5), VOC);
    assertThat(labeler.texts(prompt))
        .containsExactly("a photo of a dog", "a photo of a dining table");
    List<DatasetDiffusion.ClassTokens> tokens = labeler.tokens(prompt, model.tokenizer());
    assertThat(tokens).extracting(DatasetDiffusion.ClassTokens::text).containsExactly(0, 1);
    // Alone, a class has the scores that it has beside others.
    Prompt table = new Prompt(0, prompt.caption(), List.of(TABLE), 1);
    float[] beside = scores(model, labeler, prompt);
    float[] alone = scores(model, labeler, table);
    int n = alone.length;
    assertThat(Arrays.copyOfRange(beside, n, 2 * n)).containsExactly(alone, within(1e-4f));
    assertThat(Arrays.copyOf(beside, n)).isNotEqualTo(alone);
  }

  private static float[] scores(StableDiffusion model, DatasetDiffusion labeler, Prompt prompt) {
    try (Scope scope = new Scope()) {
      Tensor texts = model.embed(labeler.texts(prompt));
      try (AttentionProbe probe = labeler.probe(texts, 16)) {
        model.sample(
            List.of(prompt.caption()),
            new long[] {5},
            new GenerationSettings(64, 64, 1, 4, "", SchedulerKind.DDIM),
            probe);
        return labeler.scores(probe, prompt, model.tokenizer(), 16, 16, 16, 16).values();
      }
    }
  }

  /** The formula of the paper, element by element, at the attention's own resolution. */
  @Test
  void scoresEqualASlowTwin() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "a photo of a dog and a dining table", List.of(DOG, TABLE), 5);
    DatasetDiffusion labeler =
        new DatasetDiffusion(
            new DatasetDiffusion.Parameters(ClassText.JOINED, 1, 1, 2, 0.6, 0.5), VOC);
    try (Scope scope = new Scope()) {
      Tensor text = model.embed(List.of(prompt.classPrompt(VOC)));
      try (AttentionProbe probe = labeler.probe(text, 16)) {
        model.sample(
            List.of(prompt.caption()),
            new long[] {5},
            new GenerationSettings(64, 64, 2, 4, "", SchedulerKind.DDIM),
            probe);
        // Scores at the grid's size: resizing changes nothing.
        DatasetDiffusion.Scores scores =
            labeler.scores(probe, prompt, model.tokenizer(), 16, 16, 16, 16);
        float[] cross = Ops.floats(probe.cross(1));
        float[] self = Ops.floats(probe.self(1));
        double[] dog = twin(cross, self, new int[] {1}, 2);
        double[] table = twin(cross, self, new int[] {2, 3}, 2);
        for (int p = 0; p < 256; p++) {
          assertThat((double) scores.values()[p]).isCloseTo(dog[p], within(1e-3));
          assertThat((double) scores.values()[256 + p]).isCloseTo(table[p], within(1e-3));
        }
      }
    }
  }

  private static double[] twin(float[] cross, float[] self, int[] rows, int exponent) {
    int n = 256;
    int tokens = cross.length / n;
    double[] map = new double[n];
    for (int p = 0; p < n; p++) {
      for (int row : rows) {
        map[p] += cross[p * tokens + row] / (double) rows.length;
      }
    }
    for (int e = 0; e < exponent; e++) {
      double[] next = new double[n];
      for (int p = 0; p < n; p++) {
        for (int q = 0; q < n; q++) {
          next[p] += (double) self[p * n + q] * map[q];
        }
      }
      map = next;
    }
    double low = Arrays.stream(map).min().orElseThrow();
    double high = Arrays.stream(map).max().orElseThrow();
    double[] scaled = new double[n];
    for (int p = 0; p < n; p++) {
      scaled[p] = (map[p] - low) / (high - low);
    }
    return scaled;
  }
}
