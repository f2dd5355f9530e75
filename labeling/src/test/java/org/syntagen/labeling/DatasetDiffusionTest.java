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
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

class DatasetDiffusionTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final int DOG = VOC.label("dog");
  private static final int TABLE = VOC.label("diningtable");

  private static DatasetDiffusion labeler(ClassText text, boolean wordRows, int exponent) {
    return new DatasetDiffusion(
        new DatasetDiffusion.Parameters(text, wordRows, 1, 1, exponent), VOC);
  }

  @Test
  void inSentencesEachClassHasATextOfItsOwn() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "a dog", List.of(DOG, TABLE), 1);
    DatasetDiffusion labeler = labeler(ClassText.SENTENCES, false, 0);
    assertThat(labeler.texts(prompt))
        .containsExactly("a photo of a dog", "a photo of a dining table");
    // Alone, a class has the scores that it has beside others.
    Prompt table = new Prompt(0, prompt.caption(), List.of(TABLE), 1);
    float[] beside = seen(model, labeler, prompt).scores.values();
    float[] alone = seen(model, labeler, table).scores.values();
    int n = alone.length;
    assertThat(Arrays.copyOfRange(beside, n, 2 * n)).containsExactly(alone, within(1e-4f));
    assertThat(Arrays.copyOf(beside, n)).isNotEqualTo(alone);
  }

  /** What was seen while an image was drawn, and the attention that it rests on. */
  private record Seen(Scores scores, float[] cross, float[] self) {}

  private static Seen seen(StableDiffusion model, DatasetDiffusion labeler, Prompt prompt) {
    try (Scope scope = new Scope();
        Attribution.Watch watch = labeler.watch(model, prompt, 16)) {
      Tensor latent = TinyModel.sample(model, prompt.caption(), watch.probe());
      // Scores at the grid's size: resizing changes nothing.
      Scores scores = watch.scores(latent, 16, 16);
      boolean spread = !labeler.toMap().get("exponent").equals(0);
      return new Seen(
          scores,
          Tensors.floats(watch.probe().cross(1)),
          spread ? Tensors.floats(watch.probe().self(1)) : new float[0]);
    }
  }

  /** The formula of the paper, element by element, at the attention's own resolution. */
  @Test
  void scoresEqualASlowTwin() {
    Prompt prompt = new Prompt(0, "a photo of a dog and a dining table", List.of(DOG, TABLE), 5);
    Seen seen = seen(TinyModel.random(), labeler(ClassText.JOINED, false, 2), prompt);
    double[] dog = twin(seen.cross, seen.self, new int[] {1}, 2);
    double[] table = twin(seen.cross, seen.self, new int[] {2, 3}, 2);
    for (int p = 0; p < 256; p++) {
      assertThat((double) seen.scores.values()[p]).isCloseTo(dog[p], within(1e-3));
      assertThat((double) seen.scores.values()[256 + p]).isCloseTo(table[p], within(1e-3));
    }
  }

  /** The published code counts words where it should count tokens. */
  @Test
  void theReferenceReadsOneRowAWord() {
    StableDiffusion model = TinyModel.random();
    List<Integer> labels = List.of(VOC.label("aeroplane"), DOG);
    Prompt prompt = new Prompt(0, "an aeroplane and a dog", labels, 5);
    int tokens = model.tokenizer().spans("aeroplane dog", "aeroplane").get(0).length;
    assertThat(tokens).isGreaterThan(1);
    Seen seen = seen(model, labeler(ClassText.JOINED, true, 1), prompt);
    double[] dog = twin(seen.cross, seen.self, new int[] {2}, 1);
    for (int p = 0; p < 256; p++) {
      assertThat((double) seen.scores.values()[256 + p]).isCloseTo(dog[p], within(1e-3));
    }
    assertThatThrownBy(() -> new DatasetDiffusion.Parameters(ClassText.CAPTION, true, 1, 1, 1))
        .hasMessageContaining("joined");
  }

  /** CLIP's text ends before 42 classes of two words do. */
  @Test
  void classesBehindTheEndOfTheTextHaveNoScores() {
    StableDiffusion model = TinyModel.random();
    int room = model.tokenizer().maxLength() - 1;
    List<Integer> labels = IntStream.rangeClosed(1, 20).boxed().toList();
    Prompt prompt = new Prompt(0, "a dog", labels, 5);
    List<Integer> scored =
        TinyModel.scores(model, labeler(ClassText.JOINED, true, 1), prompt).labels();
    int words = scored.stream().mapToInt(label -> VOC.words(label).split(" ").length).sum();
    assertThat(words).isBetween(room - 1, room);
    assertThat(scored).isEqualTo(labels.subList(0, scored.size()));
  }

  @Test
  void attentionThatTheModelLacksIsNamed() {
    UNetConfig unet = TinyModel.random().unet().config();
    assertThat(unet.attentionFactors()).containsExactly(1, 2);
    labeler(ClassText.JOINED, false, 1).requireFits(unet);
    DatasetDiffusion published =
        new DatasetDiffusion(
            new DatasetDiffusion.Parameters(ClassText.JOINED, false, 2, 4, 1), VOC);
    assertThatThrownBy(() -> published.requireFits(unet))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no self-attention at 1/4")
        .hasMessageContaining("[1, 2]");
    new DatasetDiffusion(new DatasetDiffusion.Parameters(ClassText.JOINED, false, 2, 4, 0), VOC)
        .requireFits(unet);
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
