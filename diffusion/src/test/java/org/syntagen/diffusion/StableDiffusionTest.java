package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.attention.CrossQueries;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.diffusion.text.TextualInversion;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.WeightsException;

/** A tiny random model's images, of which only their dependence on what goes in is known. */
class StableDiffusionTest {
  private static final GenerationSettings SETTINGS = settings(TinyModel.SIZE, 5, "");

  @TempDir private static Path root;
  private static ModelFolder.Loaded loaded;

  @BeforeAll
  static void load() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    loaded = TinyModel.write(root).load();
  }

  @AfterAll
  static void close() {
    loaded.close();
  }

  private static GenerationSettings settings(int size, double guidance, String negative) {
    return new GenerationSettings(size, size, 3, guidance, negative, SchedulerKind.DDIM);
  }

  private static byte[] image(String caption, long seed, GenerationSettings settings) {
    return image(loaded.model(), caption, seed, settings);
  }

  private static byte[] image(
      StableDiffusion model, String caption, long seed, GenerationSettings settings) {
    try (Scope scope = new Scope()) {
      return Tensors.bytes(
          model.decode(model.sample(List.of(caption), new long[] {seed}, settings, null)));
    }
  }

  @Test
  void everythingThatGoesInMattersAndNothingElse() {
    byte[] image = image("a cat", 1, SETTINGS);
    assertThat(image).hasSize(TinyModel.SIZE * TinyModel.SIZE * 3);
    assertThat(image("a cat", 1, SETTINGS)).isEqualTo(image);
    assertThat(image("a cat", 2, SETTINGS)).isNotEqualTo(image);
    assertThat(image("two sheep", 1, SETTINGS)).isNotEqualTo(image);
    assertThat(image("a cat", 1, settings(TinyModel.SIZE, 2, ""))).isNotEqualTo(image);
    assertThat(image("a cat", 1, settings(TinyModel.SIZE, 5, "a dog"))).isNotEqualTo(image);
    assertThat(image("a cat", 1, SETTINGS)).isEqualTo(image);
  }

  @Test
  void withoutGuidanceTheNegativePromptDoesNotMatter() {
    byte[] image = image("a cat", 1, settings(TinyModel.SIZE, 1, ""));
    assertThat(image("a cat", 1, settings(TinyModel.SIZE, 1, "a dog"))).isEqualTo(image);
    assertThat(image("a dog", 1, settings(TinyModel.SIZE, 1, ""))).isNotEqualTo(image);
  }

  /** One DDIM step is linear in the prediction, so guidance extrapolates its result. */
  @Test
  void guidanceLeadsFromTheNegativePromptThroughTheCaption() {
    float[] negative = oneStep("a dog", 1, "");
    float[] caption = oneStep("a cat", 1, "");
    float[] guided = oneStep("a cat", 3, "a dog");
    float[] expected = new float[guided.length];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = negative[i] + 3 * (caption[i] - negative[i]);
    }
    assertThat(guided).containsExactly(expected, within(1e-3f));
    assertThat(negative).isNotEqualTo(caption);
  }

  @Test
  void rescalingTakesPartInGuidanceAlone() {
    float[] guided = oneStep("a cat", 3, "a dog", 0);
    assertThat(oneStep("a cat", 3, "a dog", 0.7)).isNotEqualTo(guided);
    assertThat(oneStep("a cat", 1, "", 0.7)).isEqualTo(oneStep("a cat", 1, "", 0));
  }

  private static float[] oneStep(String caption, double guidance, String negative) {
    return oneStep(caption, guidance, negative, 0);
  }

  private static float[] oneStep(String caption, double guidance, String negative, double rescale) {
    GenerationSettings settings =
        new GenerationSettings(
            TinyModel.SIZE, TinyModel.SIZE, 1, guidance, negative, SchedulerKind.DDIM, rescale);
    try (Scope scope = new Scope()) {
      return Tensors.floats(
          loaded.model().sample(List.of(caption), new long[] {1}, settings, null));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everySchedulerMakesAnImageOfItsOwn(SchedulerKind kind) {
    GenerationSettings settings =
        new GenerationSettings(TinyModel.SIZE, TinyModel.SIZE, 3, 5, "", kind);
    byte[] image = image("a cat", 1, settings);
    assertThat(image("a cat", 1, settings)).isEqualTo(image);
    if (kind != SchedulerKind.DDIM) {
      assertThat(image).isNotEqualTo(image("a cat", 1, SETTINGS));
    }
  }

  /** Two engines, and two threads on each. */
  @Test
  void imagesMadeAtTheSameTimeHaveTheBitsOfThoseMadeOneAfterTheOther() throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(4);
    try (ModelFolder.Loaded second = new ModelFolder(root).load()) {
      List<StableDiffusion> engines = List.of(loaded.model(), second.model());
      List<byte[]> alone = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        alone.add(image(engines.get(i % 2), "a cat", i / 2, SETTINGS));
      }
      List<Future<byte[]>> running = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        StableDiffusion engine = engines.get(i % 2);
        long seed = i / 2;
        running.add(
            workers.submit(
                () -> {
                  Threads.set(1, 1);
                  return image(engine, "a cat", seed, SETTINGS);
                }));
      }
      for (int i = 0; i < 12; i++) {
        assertThat(running.get(i).get()).isEqualTo(alone.get(i));
        assertThat(alone.get(i)).isEqualTo(alone.get(i - i % 2)); // both engines agree
      }
    } finally {
      Threads.finish(workers);
    }
  }

  @Test
  void aListenerSeesEveryStepAndLeavesTheImageAlone() {
    StableDiffusion model = loaded.model();
    List<String> told = new ArrayList<>();
    List<float[]> latents = new ArrayList<>();
    try (Scope scope = new Scope()) {
      Tensor sampled =
          model.sample(
              List.of("a cat"),
              new long[] {1},
              SETTINGS,
              null,
              null,
              (step, steps, now) -> {
                told.add(step + "/" + steps);
                latents.add(Tensors.floats(now));
                assertThat(Tensors.shape(model.decode(now))).containsExactly(1, 16, 16, 3);
              });
      assertThat(told).containsExactly("1/3", "2/3", "3/3");
      assertThat(latents.get(2)).isEqualTo(Tensors.floats(sampled)).isNotEqualTo(latents.get(1));
      assertThat(Tensors.bytes(model.decode(sampled))).isEqualTo(image("a cat", 1, SETTINGS));
    }
  }

  @Test
  void whatAListenerThrowsEndsTheSampling() {
    RuntimeException enough = new CancellationException("enough");
    AtomicInteger calls = new AtomicInteger();
    assertThatThrownBy(
            () ->
                loaded
                    .model()
                    .sample(
                        List.of("a cat"),
                        new long[] {1},
                        SETTINGS,
                        null,
                        null,
                        (step, steps, latents) -> {
                          calls.incrementAndGet();
                          throw enough;
                        }))
        .isSameAs(enough);
    assertThat(calls).hasValue(1);
  }

  /** Not the same bits: libtorch adds up in another order for another batch size. */
  @ParameterizedTest
  @EnumSource(names = {"DDIM", "EULER_ANCESTRAL", "HEUN"})
  void imagesOfABatchAreCloseToThoseMadeAlone(SchedulerKind kind) {
    GenerationSettings settings =
        new GenerationSettings(TinyModel.SIZE, TinyModel.SIZE, 3, 5, "", kind);
    List<String> captions = List.of("a cat", "two sheep", "a dog on a table");
    long[] seeds = {1, 2, 3};
    try (Scope scope = new Scope()) {
      StableDiffusion model = loaded.model();
      float[] batch = Tensors.floats(model.sample(captions, seeds, settings, null));
      for (int i = 0; i < 3; i++) {
        float[] alone =
            Tensors.floats(
                model.sample(captions.subList(i, i + 1), new long[] {seeds[i]}, settings, null));
        float[] ofBatch = Arrays.copyOfRange(batch, i * alone.length, (i + 1) * alone.length);
        assertThat(ofBatch).containsExactly(alone, within(1e-3f));
      }
    }
  }

  @Test
  void aProbeSeesTheAttentionAndLeavesTheImageAlone() {
    byte[] without = image("a cat", 1, SETTINGS);
    try (Scope scope = new Scope()) {
      StableDiffusion model = loaded.model();
      Tensor words = model.embed(List.of("cat table"));
      try (AttentionProbe probe = new AttentionProbe(words, 8, Set.of(1, 2), Set.of(2))) {
        Tensor latents = model.sample(List.of("a cat"), new long[] {1}, SETTINGS, probe);
        assertThat(Tensors.bytes(model.decode(latents))).isEqualTo(without);
        assertThat(Tensors.shape(probe.cross(1))).containsExactly(1, 64, 8);
        assertThat(Tensors.shape(probe.cross(2))).containsExactly(1, 16, 8);
        assertThat(Tensors.shape(probe.self(2))).containsExactly(1, 16, 16);
        assertThat(Tensors.floats(Ops.sum(probe.cross(2), false, 2)))
            .usingComparatorWithPrecision(1e-5f)
            .containsOnly(1);
      }
    }
  }

  @Test
  void clipSkipChangesWhatTextsMean() {
    try (Scope scope = new Scope()) {
      StableDiffusion model = loaded.model();
      float[] whole = Tensors.floats(model.embed(List.of("a cat")));
      assertThat(Tensors.floats(model.withClipSkip(0).embed(List.of("a cat")))).isEqualTo(whole);
      assertThat(Tensors.floats(model.withClipSkip(1).embed(List.of("a cat")))).isNotEqualTo(whole);
    }
  }

  @Test
  void queriesAreKeptForLaterTextsAndLeaveTheImageAlone() {
    byte[] without = image("a cat", 1, SETTINGS);
    try (Scope scope = new Scope();
        CrossQueries queries = new CrossQueries(Set.of(1), call -> true, Dtype.F32, 1 << 20)) {
      StableDiffusion model = loaded.model();
      Tensor later = model.embed(List.of("sheep"));
      float[] expected;
      try (AttentionProbe probe = new AttentionProbe(later, 8, Set.of(1), Set.of())) {
        model.sample(List.of("a cat"), new long[] {1}, SETTINGS, probe);
        expected = Tensors.floats(probe.cross(1));
      }
      Tensor any = model.embed(List.of(""));
      try (AttentionProbe probe = new AttentionProbe(any, 1, 8, Set.of(), Set.of(), queries)) {
        Tensor latents = model.sample(List.of("a cat"), new long[] {1}, SETTINGS, probe);
        assertThat(Tensors.bytes(model.decode(latents))).isEqualTo(without);
      }
      assertThat(Tensors.floats(queries.cross(1, later))).containsExactly(expected, within(1e-5f));
    }
  }

  /** A word whose vectors are those of other words means what they mean. */
  @Test
  void anInvertedWordStandsForItsVectors() {
    StableDiffusion model = loaded.model();
    int width = TinyModel.TEXT.width();
    float[] table;
    try (StateDict text = new ModelFolder(root).weights(ModelFolder.Part.TEXT_ENCODER)) {
      table = Tensors.floats(text.get("text_model.embeddings.token_embedding.weight"));
    }
    float[] vectors = new float[2 * width];
    long[] ids = TinyModel.TOKENIZER.encode("two sheep").ids();
    for (int i = 0; i < 2; i++) {
      System.arraycopy(table, (int) ids[1 + i] * width, vectors, i * width, width);
    }
    TextualInversion word = inversion("pair.pt", "<pair>", width, vectors);
    TextualInversion other = inversion("other.pt", "<other>", width, new float[width]);
    StableDiffusion taught = model.withEmbeddings(List.of(other, word));
    try (Scope scope = new Scope()) {
      float[] expected = Tensors.floats(model.embed(List.of("a two sheep cat")));
      assertThat(Tensors.floats(taught.embed(List.of("a <pair> cat")))).isEqualTo(expected);
      assertThat(Tensors.floats(taught.embed(List.of("a <other> cat")))).isNotEqualTo(expected);
      assertThat(Tensors.floats(taught.embed(List.of("a cat"))))
          .isEqualTo(Tensors.floats(model.embed(List.of("a cat"))));
    }
    assertThatThrownBy(() -> model.withEmbeddings(List.of(word, word)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("pair.pt: the word '<pair>' is taken by another embedding");
    assertThatThrownBy(
            () ->
                model.withEmbeddings(
                    List.of(inversion("wide.pt", "<w>", width + 1, new float[width + 1]))))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("wide.pt: tensor <w> has vectors of width 9");
  }

  private static TextualInversion inversion(String file, String word, int width, float[] vectors) {
    return new TextualInversion(Path.of(file), word, word, width, vectors, "");
  }

  @Test
  void anEmbeddingHasARowForEveryToken() {
    try (Scope scope = new Scope()) {
      Tensor embeddings = loaded.model().embed(List.of("", "a cat"));
      assertThat(Tensors.shape(embeddings)).containsExactly(2, 8, 8);
      assertThat(embeddings.requires_grad()).isFalse();
    }
  }

  @Test
  void imagesNeedNotBeSquare() {
    try (Scope scope = new Scope()) {
      StableDiffusion model = loaded.model();
      assertThat(model.nativeSize()).isEqualTo(TinyModel.SIZE);
      GenerationSettings settings = new GenerationSettings(40, 8, 1, 5, "", SchedulerKind.DDIM);
      Tensor latents = model.sample(List.of("a cat"), new long[] {1}, settings, null);
      assertThat(Tensors.shape(latents)).containsExactly(1, 4, 4, 20);
      assertThat(Tensors.shape(model.decode(latents))).containsExactly(1, 8, 40, 3);
    }
  }

  @Test
  void imagesNoLargerThanTheModelsOwnAreDecodedAlikeInTiles() {
    try (Scope scope = new Scope()) {
      StableDiffusion model = loaded.model();
      StableDiffusion inTiles = model.inTiles();
      Tensor latents = model.sample(List.of("a cat", "a dog"), new long[] {1, 2}, SETTINGS, null);
      byte[] both = Tensors.bytes(model.decode(latents));
      assertThat(Tensors.bytes(inTiles.decode(latents))).isEqualTo(both);
      byte[] second = Tensors.bytes(model.decode(latents.narrow(0, 1, 1)));
      assertThat(Arrays.copyOfRange(both, second.length, both.length)).isEqualTo(second);
      GenerationSettings large = settings(2 * TinyModel.SIZE, 5, "");
      Tensor latent = model.sample(List.of("a cat"), new long[] {1}, large, null);
      byte[] whole = Tensors.bytes(model.decode(latent));
      assertThat(Tensors.bytes(inTiles.decode(latent))).hasSameSizeAs(whole).isNotEqualTo(whole);
    }
  }

  @ParameterizedTest
  @CsvSource({"12, 16", "16, 12", "4, 16", "16, 17"})
  void sizesThatEightDoesNotDivideAreRefused(int width, int height) {
    GenerationSettings settings =
        new GenerationSettings(width, height, 1, 5, "", SchedulerKind.DDIM);
    assertThatThrownBy(() -> image("a cat", 1, settings))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "image size " + width + "x" + height + ": each side must be a positive multiple of 8");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void rescalingBeyondOneIsRefused(double rescale) {
    assertThatThrownBy(() -> new GenerationSettings(16, 16, 1, 5, "", SchedulerKind.DDIM, rescale))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("guidance rescale must be 0 to 1, not " + rescale);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0   | 16 | 10   | 5    | width and height must be positive",
        "16  | -8 | 10   | 5    | width and height must be positive",
        "16  | 16 | 0    | 5    | steps must be 1 to 1000, not 0",
        "16  | 16 | 1001 | 5    | steps must be 1 to 1000, not 1001",
        "16  | 16 | 10   | -1   | guidance must be 0 to 100, not -1.0",
        "16  | 16 | 10   | 101  | guidance must be 0 to 100, not 101.0",
        "16  | 16 | 10   | NaN  | guidance must be 0 to 100, not NaN",
      })
  void impossibleSettingsAreRefused(
      int width, int height, int steps, double guidance, String message) {
    assertThatThrownBy(
            () -> new GenerationSettings(width, height, steps, guidance, "", SchedulerKind.DDIM))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
