package org.syntagen.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.scheduler.Prediction;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.WeightsException;

class GeneratorTrainingTest {
  private static final int SIZE = 32;

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void drawCaptionedSquares() throws IOException {
    data = folder.resolve("data");
    Files.createDirectories(data.resolve("image"));
    StringBuilder samples = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
      Graphics2D graphics = image.createGraphics();
      graphics.setColor(i % 2 == 0 ? Color.RED : Color.GREEN);
      graphics.fillRect(2 * i, i, 12, 12);
      graphics.dispose();
      Images.writePng(data.resolve("image/" + i + ".png"), image);
      samples
          .append("{\"id\":\"")
          .append(i)
          .append("\",\"prompt\":\"a ")
          .append(i % 2 == 0 ? "red" : "green")
          .append(" square\"}\n");
    }
    Files.writeString(data.resolve("samples.jsonl"), samples);
  }

  private static GeneratorTraining.Settings settings(long denoiserSteps) {
    VaeConfig vae = new VaeConfig(4, List.of(4, 8), 1, 4, 1);
    ClipTextConfig text = new ClipTextConfig(1, 8, 1, 2, 16, 8, true);
    UNetConfig unet =
        new UNetConfig(
            16, 4, List.of(8, 8), List.of(false, true), 1, List.of(2, 2), 8, 4, 1e-5, false);
    return new GeneratorTraining.Settings(
        SIZE,
        new AutoencoderTraining.Settings(vae, 16, 3, 4, 2, 1e-3, 1e-3, 5),
        text,
        new DenoiserTraining.Settings(text, unet, denoiserSteps, 4, 2, 1e-3, 0.1, 2, 5),
        SchedulerConfig.stableDiffusion().withPrediction(Prediction.V_PREDICTION));
  }

  private String train(Path out, TrainingMonitor monitor) {
    new GeneratorTraining(settings(7), out, Optional.empty())
        .run(CaptionedImages.read(List.of(data), SIZE), monitor, (step, model) -> {});
    try (ModelFolder.Loaded loaded = new ModelFolder(out.resolve("model")).load()) {
      return loaded.fingerprint();
    }
  }

  @Test
  void anInterruptedRunEndsInTheSameModel() {
    List<Double> losses = new ArrayList<>();
    String whole =
        train(
            folder.resolve("whole"),
            (phase, step, steps, loss) -> {
              if (!Double.isNaN(loss)) {
                losses.add(loss);
              }
            });
    assertThat(losses).hasSize(3 + 7).allMatch(loss -> loss > 0 && loss < 100);

    Path broken = folder.resolve("broken");
    assertThatThrownBy(
            () ->
                train(
                    broken,
                    (phase, step, steps, loss) -> {
                      if (phase.equals("denoiser") && step == 5) {
                        throw new IllegalStateException("power cut");
                      }
                    }))
        .hasMessage("power cut");
    assertThat(broken.resolve("model")).doesNotExist();
    List<Long> resumed = new ArrayList<>();
    String afterwards =
        train(
            broken,
            (phase, step, steps, loss) -> {
              if (phase.equals("denoiser")) {
                resumed.add(step);
              }
            });
    assertThat(resumed.get(0)).isEqualTo(5L); // after the checkpoint at step 4
    assertThat(afterwards).isEqualTo(whole);
    // The model is rounded; this is not.
    assertThat(broken.resolve("work").resolve("denoiser.safetensors"))
        .hasSameBinaryContentAs(
            folder.resolve("whole").resolve("work").resolve("denoiser.safetensors"));
  }

  @Test
  void aRunCanGoOnFromAFinishedModel() {
    train(folder.resolve("first"), (phase, step, steps, loss) -> {});
    ModelFolder first = new ModelFolder(folder.resolve("first/model"));
    List<String> phases = new ArrayList<>();
    Path out = folder.resolve("second");
    new GeneratorTraining(settings(1), out, Optional.of(first))
        .run(
            CaptionedImages.read(List.of(data), SIZE),
            (phase, step, steps, loss) -> phases.add(phase),
            (step, model) -> {});
    assertThat(phases).doesNotContain("autoencoder").contains("denoiser");
    ModelFolder second = new ModelFolder(out.resolve("model"));
    try (StateDict before = first.weights(ModelFolder.Part.VAE);
        StateDict after = second.weights(ModelFolder.Part.VAE)) {
      assertThat(after.fingerprint()).isEqualTo(before.fingerprint());
    }
  }

  @Test
  void aRunIsNotContinuedWithOtherSettings() {
    Path out = folder.resolve("out");
    train(out, (phase, step, steps, loss) -> {});
    assertThatThrownBy(
            () ->
                new GeneratorTraining(settings(9), out, Optional.empty())
                    .run(
                        CaptionedImages.read(List.of(data), SIZE),
                        (phase, step, steps, loss) -> {},
                        (step, model) -> {}))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("other settings");
  }

  /** Latents of the one order would be trained with captions of the other. */
  @Test
  void aRunIsNotContinuedWithOtherImages() throws IOException {
    Path more = folder.resolve("more");
    Files.createDirectories(more.resolve("image"));
    Files.copy(data.resolve("image/1.png"), more.resolve("image/0.png"));
    Files.writeString(
        more.resolve("samples.jsonl"), "{\"id\":\"0\",\"prompt\":\"a green square\"}\n");
    Path out = folder.resolve("out");
    GeneratorTraining training = new GeneratorTraining(settings(1), out, Optional.empty());
    training.run(
        CaptionedImages.read(List.of(data, more), SIZE),
        (phase, step, steps, loss) -> {},
        (step, model) -> {});
    assertThatThrownBy(
            () ->
                training.run(
                    CaptionedImages.read(List.of(more, data), SIZE),
                    (phase, step, steps, loss) -> {},
                    (step, model) -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("holds a run with other images");
  }

  @Test
  void trainingNeverOpensAMask() throws IOException {
    // A mask that cannot be read would be noticed.
    Files.createDirectories(data.resolve("mask"));
    for (int i = 0; i < 8; i++) {
      Files.createDirectory(data.resolve("mask/" + i + ".png"));
    }
    assertThat(train(folder.resolve("out"), (phase, step, steps, loss) -> {})).isNotEmpty();
  }

  @Test
  void imagesOfAnotherSizeAreNamed() throws IOException {
    Images.writePng(
        data.resolve("image/3.png"), new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB));
    assertThatThrownBy(() -> train(folder.resolve("out"), (phase, step, steps, loss) -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("20x20");
  }

  @Test
  void aFolderWithoutCaptionsIsNamed() {
    assertThatThrownBy(() -> CaptionedImages.read(List.of(folder), SIZE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("samples.jsonl");
  }
}
