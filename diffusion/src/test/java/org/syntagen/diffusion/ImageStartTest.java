package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.scheduler.PndmScheduler;
import org.syntagen.diffusion.scheduler.Scheduler;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;

/** Sampling from images, with a tiny random model. */
class ImageStartTest {
  private static final int SIZE = TinyModel.SIZE;

  @TempDir private static Path root;
  private static ModelFolder.Loaded loaded;

  @TempDir private Path folder;

  @BeforeAll
  static void load() {
    Threads.set(1, 1); // the tensors are small, and more threads wait for each other
    loaded = TinyModel.write(root).load();
  }

  @AfterAll
  static void close() {
    loaded.close();
  }

  private static GenerationSettings settings(SchedulerKind kind, int steps) {
    return new GenerationSettings(SIZE, SIZE, steps, 1, "", kind);
  }

  private static Tensor picture(int seed) {
    try (SeededNoise noise = new SeededNoise(seed)) {
      return Ops.clamp(noise.normal(1, 3, SIZE, SIZE), -1, 1);
    }
  }

  private static float[] sample(
      Tensor picture, double strength, long seed, GenerationSettings settings) {
    try (Scope scope = new Scope()) {
      ImageStart start = picture == null ? null : new ImageStart(picture, strength);
      return Tensors.floats(
          loaded
              .model()
              .sample(
                  List.of("a cat"), new long[] {seed}, settings, start, null, StepListener.NONE));
    }
  }

  /** The reference's pipeline, a line each. */
  @ParameterizedTest
  @EnumSource
  void everySchedulerGoesOnFromTheNoisedImage(SchedulerKind kind) {
    StableDiffusion model = loaded.model();
    int steps = 5;
    double strength = 0.5; // two steps of five, the fraction is dropped
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(7);
        Scheduler scheduler =
            kind.create(model.schedulerConfig(), steps, () -> noise.normal(1, 4, 8, 8))) {
      Tensor text = model.embed(List.of("a cat"));
      Tensor encoded =
          Ops.scale(
              model.vae().encode(picture(1)).sample(noise.normal(1, 4, 8, 8)),
              model.vae().config().scalingFactor());
      float[] timesteps = scheduler.timesteps();
      int begin =
          timesteps.length - (kind == SchedulerKind.HEUN ? 3 : 2); // Heun's calls of 2 steps
      Tensor latent = scheduler.addNoise(encoded, noise.normal(1, 4, 8, 8), begin);
      for (int i = begin; i < timesteps.length; i++) {
        Tensor prediction =
            model
                .unet()
                .forward(
                    scheduler.scaleInput(latent, i), Tensors.full(timesteps[i], 1), text, null);
        latent = scheduler.step(prediction, i, latent);
      }
      assertThat(sample(picture(1), strength, 7, settings(kind, steps)))
          .containsExactly(Tensors.floats(latent));
    }
  }

  @Test
  void imageStrengthAndSeedMatter() {
    GenerationSettings settings = settings(SchedulerKind.DDIM, 4);
    float[] latent = sample(picture(1), 0.5, 1, settings);
    assertThat(sample(picture(1), 0.5, 1, settings)).isEqualTo(latent);
    assertThat(sample(picture(2), 0.5, 1, settings)).isNotEqualTo(latent);
    assertThat(sample(picture(1), 0.75, 1, settings)).isNotEqualTo(latent);
    assertThat(sample(picture(1), 0.5, 2, settings)).isNotEqualTo(latent);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void onlyImagesLargerThanTheModelsOwnAreEncodedInTiles(int times) {
    int side = times * TinyModel.SIZE;
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(3)) {
      Tensor picture = Ops.clamp(noise.normal(1, 3, side, side), -1, 1);
      GenerationSettings settings =
          new GenerationSettings(side, side, 4, 1, "", SchedulerKind.DDIM);
      ImageStart start = new ImageStart(picture, 0.25);
      List<float[]> latents =
          Stream.of(loaded.model(), loaded.model().inTiles())
              .map(
                  model ->
                      Tensors.floats(
                          model.sample(
                              List.of("a cat"),
                              new long[] {1},
                              settings,
                              start,
                              null,
                              StepListener.NONE)))
              .toList();
      assertThat(Arrays.equals(latents.get(0), latents.get(1))).isEqualTo(times == 1);
    }
  }

  /** Where a run at full strength begins, and where one from noise alone does. */
  @ParameterizedTest
  @EnumSource
  void atFullStrengthLittleOfTheImageIsLeft(SchedulerKind kind) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(1);
        Scheduler scheduler = kind.create(SchedulerConfig.stableDiffusion(), 50, () -> null)) {
      Tensor image = noise.normal(1, 4, 8, 8);
      Tensor normal = noise.normal(1, 4, 8, 8);
      int first = scheduler.firstCall(ImageStart.skipped(1, 50));
      Tensor begin = Ops.scale(normal, scheduler.initNoiseSigma());
      Tensor difference = scheduler.addNoise(image, normal, first).sub(begin).abs();
      assertThat(difference.max().item_double())
          .isBetween(1e-3, 0.1 * begin.abs().max().item_double());
    }
  }

  @Test
  void imagesOfABatchHaveTheirOwnNoise() {
    GenerationSettings settings = settings(SchedulerKind.EULER_ANCESTRAL, 3);
    try (Scope scope = new Scope()) {
      Tensor pictures = Ops.cat(List.of(picture(1), picture(2)), 0);
      float[] batch =
          Tensors.floats(
              loaded
                  .model()
                  .sample(
                      List.of("a cat", "a cat"),
                      new long[] {1, 2},
                      settings,
                      new ImageStart(pictures, 0.7),
                      null,
                      StepListener.NONE));
      float[] second = sample(picture(2), 0.7, 2, settings);
      assertThat(Arrays.copyOfRange(batch, second.length, batch.length))
          .containsExactly(second, within(1e-3f));
    }
  }

  /** In binary floating point, as in Python, 50 · 0.58 is a little less than 29. */
  @ParameterizedTest
  @CsvSource({"1, 4, 0", "0.999, 4, 1", "0.8, 50, 10", "0.58, 50, 22", "0.25, 4, 3"})
  void theFractionOfAStepIsDropped(double strength, int steps, int skipped) {
    assertThat(ImageStart.skipped(strength, steps)).isEqualTo(skipped);
  }

  @Test
  void lessThanAStepIsRefused() {
    assertThatThrownBy(() -> ImageStart.skipped(0.2, 4))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("strength 0.2 of 4 steps is less than one step");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.01, Double.NaN})
  void aStrengthOutOfRangeIsRefused(double strength) {
    assertThatThrownBy(() -> new ImageStart(picture(1), strength))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("strength must be above 0 and at most 1");
  }

  @Test
  void imagesOfAnotherShapeAreRefused() {
    GenerationSettings settings =
        new GenerationSettings(SIZE, 2 * SIZE, 2, 1, "", SchedulerKind.DDIM);
    assertThatThrownBy(() -> sample(picture(1), 1, 1, settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected [1, 3, 32, 16]");
  }

  @Test
  void pndmWithRungeKuttaStepsBeginsWithTheFirst() {
    SchedulerConfig config =
        SchedulerConfig.fromJson(
            SchedulerConfig.stableDiffusion().toJson().put("skip_prk_steps", false), "test");
    try (Scheduler scheduler = new PndmScheduler(config, 6)) {
      assertThat(scheduler.firstCall(0)).isZero();
      assertThatThrownBy(() -> scheduler.firstCall(2))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("cannot begin at step 3");
    }
  }

  @Test
  void samplesGoRoundTheImagesInTheOrderOfTheirNames() throws IOException {
    Images.writePng(folder.resolve("b.png"), flat(SIZE, 0x0000ff));
    Images.writePng(folder.resolve("a.png"), flat(SIZE, 0xff0080));
    Files.writeString(folder.resolve(".hidden"), "no image");
    InitialImages images = read(folder, 5);
    assertThat(images.count()).isEqualTo(2);
    try (Scope scope = new Scope()) {
      ImageStart first = images.start(0);
      assertThat(Tensors.shape(first.images())).containsExactly(1, 3, SIZE, SIZE);
      float[] pixels = Tensors.floats(first.images());
      int plane = SIZE * SIZE;
      assertThat(pixels[0]).isEqualTo(1);
      assertThat(pixels[plane]).isEqualTo(-1);
      assertThat(pixels[2 * plane]).isCloseTo(128 / 127.5f - 1, within(1e-6f));
      assertThat(Tensors.floats(images.start(4).images())).isEqualTo(pixels);
      assertThat(Tensors.floats(images.start(3).images())).isNotEqualTo(pixels);
    }
    assertThat(images.fingerprint(3)).isEqualTo(Fingerprint.ofImage(flat(SIZE, 0x0000ff)));
    InitialImages used = read(folder, 1);
    assertThat(used.count()).isEqualTo(1);
    assertThat(used.fingerprint()).isNotEqualTo(images.fingerprint());
    assertThat(read(folder.resolve("a.png"), 3).fingerprint()).isEqualTo(used.fingerprint());
    Images.writePng(folder.resolve("a.png"), flat(SIZE, 0));
    assertThatThrownBy(() -> images.start(0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.png: the image changed during the run");
  }

  @Test
  void imagesThatNothingCanStartFromAreNamed() throws IOException {
    assertThatThrownBy(() -> read(folder, 1))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the folder is empty");
    assertThatThrownBy(() -> read(folder.resolve("none.png"), 1))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none.png");
    Path file = folder.resolve("a.png");
    Images.writePng(file, flat(SIZE + 1, 0));
    assertThatThrownBy(() -> read(folder, 1))
        .isInstanceOf(InputException.class)
        .hasMessage(file + ": 17x17 pixels, expected 16x16 as the generated images; scale it");
    Files.writeString(file, "no image");
    assertThatThrownBy(() -> read(folder, 1))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is not an image");
  }

  private static InitialImages read(Path source, int samples) {
    return InitialImages.read(source, 0.5, settings(SchedulerKind.DDIM, 2), samples);
  }

  private static BufferedImage flat(int size, int rgb) {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    for (int p = 0; p < size * size; p++) {
      image.setRGB(p % size, p / size, rgb);
    }
    return image;
  }
}
