package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.PromptTemplates;
import org.syntagen.dataset.Sample;
import org.syntagen.dataset.Shard;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.InitialImages;
import org.syntagen.diffusion.StepListener;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.labeling.PairGenerator.Effort;
import org.syntagen.tensor.Threads;

class PairGeneratorTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final PromptTemplates PROMPTS =
      new PromptTemplates(VOC, List.of(VOC.label("dog"), VOC.label("cat")), 7);

  @TempDir Path folder;

  private static final GenerationSettings SETTINGS =
      new GenerationSettings(64, 64, 2, 4, "", SchedulerKind.DDIM);

  private static PairGenerator generator() {
    return generator(null);
  }

  private static PairGenerator generator(InitialImages initial) {
    return new PairGenerator(
        TinyModel.random(),
        SETTINGS,
        new Labeler(
            new DatasetDiffusion(
                new DatasetDiffusion.Parameters(ClassText.JOINED, false, 2, 1, 1), VOC),
            new Thresholds(0.6, 0.5)),
        VOC,
        initial,
        Map.of("Model fingerprint", "ab12"));
  }

  private String make(String name, Shard shard, Effort effort) {
    return make(name, shard, effort, null, StepListener.NONE);
  }

  private String make(
      String name, Shard shard, Effort effort, InitialImages initial, StepListener listener) {
    Path out = folder.resolve(name);
    DatasetHeader header =
        new DatasetHeader(
            "test",
            VOC,
            6,
            7,
            java.util.Map.of("kind", "test"),
            java.util.Map.of("kind", "test"),
            "test");
    try (DatasetWriter writer = DatasetWriter.open(out, header, shard)) {
      generator(initial).fill(writer, PROMPTS, effort, index -> {}, listener);
      return writer.finish() ? Dataset.open(out).fingerprint() : "";
    }
  }

  @Test
  void batchesAndShardsDoNotChangeTheDataset() {
    String whole = make("whole", Shard.WHOLE, new Effort(1, 1));
    assertThat(make("batch", Shard.WHOLE, new Effort(3, 1))).isEqualTo(whole);
    assertThat(make("shards", new Shard(2, 2), new Effort(2, 1))).isEmpty();
    assertThat(make("shards", new Shard(1, 2), new Effort(1, 1))).isEqualTo(whole);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aDatasetThatWasCancelledGoesOnToTheSameBytes(int batch) throws IOException {
    String whole = make("whole", Shard.WHOLE, new Effort(1, 1));
    AtomicInteger calls = new AtomicInteger();
    StepListener cancel =
        (step, steps, latents) -> {
          assertThat(steps).isEqualTo(2);
          assertThat(step).isBetween(1, 2);
          if (calls.incrementAndGet() == 8) { // within the fourth of six samples, or about there
            throw new CancellationException("enough");
          }
        };
    Effort effort = new Effort(batch, 1);
    assertThatThrownBy(() -> make("cancelled", Shard.WHOLE, effort, null, cancel))
        .isInstanceOf(CancellationException.class);
    Path out = folder.resolve("cancelled");
    assertThat(out.resolve("dataset.json")).doesNotExist();
    AtomicInteger more = new AtomicInteger();
    StepListener count = (step, steps, latents) -> more.incrementAndGet();
    assertThat(make("cancelled", Shard.WHOLE, effort, null, count)).isEqualTo(whole);
    if (batch == 1) {
      assertThat(more.get()).isEqualTo(6); // three samples of two steps
    } else {
      assertThat(more.get()).isBetween(2, 10); // other workers may have ended theirs
    }
    for (int i = 0; i < 6; i++) {
      String image = "image/00000" + i + ".png";
      assertThat(out.resolve(image)).hasSameBinaryContentAs(folder.resolve("whole/" + image));
    }
    assertThat(out.resolve("samples.jsonl"))
        .hasSameBinaryContentAs(folder.resolve("whole/samples.jsonl"));
  }

  @Test
  void theEndOfAPromptThatTheModelDoesNotSeeIsRecorded() {
    make("cut", Shard.WHOLE, new Effort(1, 1));
    int cut = 0;
    for (int i = 0; i < 6; i++) {
      Sample sample = Dataset.open(folder.resolve("cut")).sample(i).orElseThrow();
      int tokens = TinyModel.random().tokenizer().encode(sample.prompt()).tokens();
      Object truncated = sample.origin().provenance().get("truncated");
      if (truncated == null) {
        assertThat(tokens).isLessThanOrEqualTo(16);
      } else {
        assertThat(tokens).isEqualTo(16);
        assertThat(sample.prompt()).endsWith(truncated.toString());
        cut++;
      }
    }
    assertThat(cut).isBetween(1, 5);
  }

  @Test
  void initialImagesAreAFunctionOfTheIndex() throws IOException {
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    for (int i = 0; i < 4; i++) {
      BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
      picture.createGraphics().fillRect(0, 0, 16 * i, 64);
      Images.writePng(pictures.resolve(i + ".png"), picture);
    }
    InitialImages initial = InitialImages.read(pictures, 0.5, SETTINGS, 6);
    String whole = make("whole", Shard.WHOLE, new Effort(3, 1), initial, StepListener.NONE);
    assertThat(make("shards", new Shard(2, 2), new Effort(1, 1), initial, StepListener.NONE))
        .isEmpty();
    assertThat(make("shards", new Shard(1, 2), new Effort(1, 1), initial, StepListener.NONE))
        .isEqualTo(whole);
    assertThat(make("noise", Shard.WHOLE, new Effort(1, 1))).isNotEqualTo(whole);
    assertThat(Files.readAllLines(folder.resolve("whole/samples.jsonl")).get(5))
        .contains("\"initialImage\":\"" + initial.fingerprint(1) + "\"");
  }

  @Test
  void nativeMemoryIsFlatOver300Images() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      System.out.println("skipped: /proc/self/status, which tells the process's memory, is absent");
    }
    assumeTrue(Files.isReadable(status));
    PairGenerator generator = generator();
    Threads.set(1, 1);
    double[] mean = new double[3]; // of each hundred
    for (int i = 0; i < 300; i++) {
      generator.generate(PROMPTS.prompt(i));
      if (i % 10 == 9) {
        System.gc(); // keeps the Java heap, which is in the figure, at what lives
        mean[i / 100] += residentKib(status) / 10.0;
      }
    }
    assertThat(mean[2]).isCloseTo(mean[1], within(0.05 * mean[1]));
  }

  private static long residentKib(Path status) throws IOException {
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("no VmRSS in " + status);
  }
}
