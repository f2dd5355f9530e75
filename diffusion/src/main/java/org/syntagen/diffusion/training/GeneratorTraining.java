package org.syntagen.diffusion.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.scheduler.NoiseSchedule;
import org.syntagen.diffusion.scheduler.Prediction;
import org.syntagen.diffusion.scheduler.SchedulerConfig;
import org.syntagen.diffusion.text.BpeTrainer;
import org.syntagen.diffusion.text.ClipTextConfig;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.unet.UNetConfig;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.diffusion.vae.VaeConfig;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Threads;
import org.syntagen.tensor.Weights;

/**
 * Trains a whole small model in Stable Diffusion 1.x's architecture from captioned images: the
 * tokenizer's merges, the autoencoder, and text encoder with U-Net. What is finished or
 * checkpointed under {@code work/} of the output folder is not done again, so the same call resumes
 * an interrupted run, and one with other images or another beginning is refused; the model appears
 * in {@code model/} at the end.
 */
public final class GeneratorTraining {
  private static final int MAX_MERGES = 2000;

  /**
   * @param imageSize width and height of the training images, in pixels
   * @param autoencoder its scaling factor is measured, not taken from here
   * @param text its vocabulary is that of the captions, not taken from here
   * @param unet its sample size follows from the image size
   */
  public record Settings(
      int imageSize,
      AutoencoderTraining.Settings autoencoder,
      ClipTextConfig text,
      DenoiserTraining.Settings denoiser,
      SchedulerConfig scheduler) {

    /**
     * The settings of the bundled model, {@code syntagen-tiny}, for 128 × 128 images.
     *
     * @param batch samples a step, a multiple of {@code workers}
     * @param workers threads
     * @param learningRate of text encoder and U-Net, at its peak
     */
    public static Settings tiny(
        long autoencoderSteps,
        long denoiserSteps,
        int batch,
        int workers,
        double learningRate,
        long seed) {
      VaeConfig vae = new VaeConfig(4, List.of(32, 64, 128), 1, 8, 1);
      ClipTextConfig text = new ClipTextConfig(1, 128, 1, 4, 512, 32, true);
      UNetConfig unet =
          new UNetConfig(
              32,
              4,
              List.of(48, 96, 160),
              List.of(false, true, true),
              1,
              List.of(4, 4, 4),
              128,
              16,
              1e-5,
              false);
      return new Settings(
          128,
          new AutoencoderTraining.Settings(
              vae, 64, autoencoderSteps, batch, workers, 2e-3, 1e-5, seed),
          text,
          new DenoiserTraining.Settings(
              text,
              unet,
              denoiserSteps,
              batch,
              workers,
              learningRate,
              0.1,
              Math.max(20, denoiserSteps / 400 * 20), // losses are logged of 20 steps
              seed),
          SchedulerConfig.stableDiffusion().withPrediction(Prediction.V_PREDICTION));
    }
  }

  /** Sees the model with averaged weights from time to time. */
  @FunctionalInterface
  public interface Preview {
    void show(long step, StableDiffusion model);
  }

  private final Settings settings;
  private final Optional<ModelFolder> start;
  private final Path work;
  private final ModelFolder model;
  private final Path modelPath;

  /**
   * @param out receives work/ and model/
   * @param start a model of the same shape to go on from: its tokenizer and autoencoder are kept,
   *     its text encoder and U-Net trained further
   */
  public GeneratorTraining(Settings settings, Path out, Optional<ModelFolder> start) {
    this.settings = settings;
    this.start = start;
    this.work = out.resolve("work");
    this.modelPath = out.resolve("model");
    this.model = new ModelFolder(modelPath);
  }

  /**
   * Trains to the end.
   *
   * @param images folders of the curriculum in the order in which they join: training starts with
   *     the first folder's images and ends with all
   * @throws InputException if the folder holds a run with other images, another autoencoder or
   *     another start
   */
  public void run(CaptionedImages images, TrainingMonitor monitor, Preview preview) {
    try {
      Files.createDirectories(work);
    } catch (IOException e) {
      throw new UncheckedIOException(work + ": cannot be created: " + e.getMessage(), e);
    }
    requireSameRun(images);
    // The workers compute gradients; between their steps this thread updates the weights.
    Threads.set(settings.denoiser.workers(), 1);
    ClipTokenizer tokenizer = tokenizer(images);
    try (StateDict vaeState = autoencoder(images, monitor)) {
      VaeConfig shape = settings.autoencoder.vae();
      AutoencoderKl unscaled = new AutoencoderKl(Weights.of(vaeState), shape);
      LatentStatistics statistics = LatentStatistics.measure(unscaled, images, 32);
      monitor.autoencoder(statistics);
      double factor = statistics.scalingFactor();
      VaeConfig scaled =
          new VaeConfig(
              shape.latentChannels(),
              shape.blockOutChannels(),
              shape.layersPerBlock(),
              shape.groups(),
              factor);
      AutoencoderKl vae = new AutoencoderKl(Weights.of(vaeState), scaled);
      ClipTextConfig text = withVocabulary(settings.text, tokenizer.vocabSize());
      DenoiserTraining.Settings denoiser = settings.denoiser.withText(text);
      try (LatentCache latents =
              LatentCache.open(
                  work.resolve("latents.safetensors"),
                  vae,
                  vaeState.fingerprint(),
                  images,
                  settings.denoiser.workers(),
                  monitor);
          StateDict tokens = new StateDict("captions")) {
        tokens.put("captions", tokens(tokenizer, images.captions()));
        tokens.put("empty", tokens(tokenizer, List.of("")));
        DenoiserTraining training =
            new DenoiserTraining(
                denoiser,
                new NoiseSchedule(settings.scheduler),
                settings.scheduler.prediction(),
                work.resolve("denoiser.safetensors"),
                start);
        DenoiserTraining.Trained trained =
            training.run(
                new DenoiserTraining.Samples(
                    latents, tokens.get("captions"), tokens.get("empty"), factor, images.ends()),
                monitor,
                (step, textModel, unet) ->
                    preview.show(
                        step,
                        new StableDiffusion(tokenizer, textModel, unet, vae, settings.scheduler)));
        model.writeWeights(Part.VAE, vaeState, Dtype.BF16);
        model.writeWeights(Part.TEXT_ENCODER, trained.text(), Dtype.BF16);
        model.writeWeights(Part.UNET, trained.unet(), Dtype.BF16);
        writeTokenizer(tokenizer);
        model.writeConfigs(text, denoiser.unet(), scaled, settings.scheduler);
        trained.text().close();
        trained.unet().close();
      }
    }
  }

  /** What all that lies in work/ is a function of. */
  private void requireSameRun(CaptionedImages images) {
    Path file = work.resolve("run.txt");
    List<String> run =
        List.of(
            "images " + images.fingerprint(),
            "autoencoder " + settings.autoencoder,
            "start " + start.map(GeneratorTraining::fingerprint).orElse("none"));
    try {
      if (!Files.exists(file)) {
        AtomicFile.writeText(file, String.join("\n", run) + "\n");
        return;
      }
      List<String> before = Files.readAllLines(file);
      for (String now : run) {
        if (!before.contains(now)) {
          throw new InputException(
              "%s holds a run with other %s; choose another folder, or remove it to begin anew"
                  .formatted(work, now.substring(0, now.indexOf(' '))));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read or written", e);
    }
  }

  private static String fingerprint(ModelFolder model) {
    List<String> parts = new ArrayList<>();
    for (Part part : Part.values()) {
      try (StateDict weights = model.weights(part)) {
        parts.add(weights.fingerprint());
      }
    }
    return String.join(" ", parts);
  }

  private ClipTokenizer tokenizer(CaptionedImages images) {
    return start
        .map(ModelFolder::tokenizer)
        .orElseGet(
            () ->
                new BpeTrainer(MAX_MERGES, settings.text.maxPositions()).train(images.captions()));
  }

  private void writeTokenizer(ClipTokenizer tokenizer) {
    Path folder = modelPath.resolve("tokenizer");
    try {
      Files.createDirectories(folder);
      tokenizer.write(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private StateDict autoencoder(CaptionedImages images, TrainingMonitor monitor) {
    if (start.isPresent()) {
      return start.get().weights(Part.VAE);
    }
    Path file = work.resolve("autoencoder.safetensors");
    if (Files.isRegularFile(file)) {
      try (StateDict mapped = SafeTensors.read(file)) {
        return mapped.copy(Dtype.F32);
      }
    }
    StateDict trained =
        new AutoencoderTraining(
                settings.autoencoder, work.resolve("autoencoder-checkpoint.safetensors"))
            .run(images, monitor);
    SafeTensors.write(file, trained, Map.of());
    return trained;
  }

  private static ClipTextConfig withVocabulary(ClipTextConfig config, int vocabSize) {
    return new ClipTextConfig(
        vocabSize,
        config.width(),
        config.layers(),
        config.heads(),
        config.intermediate(),
        config.maxPositions(),
        config.quickGelu());
  }

  /** [captions, tokens], dtype I64. */
  private static Tensor tokens(ClipTokenizer tokenizer, List<String> captions) {
    int length = tokenizer.maxLength();
    long[] ids = new long[captions.size() * length];
    for (int i = 0; i < captions.size(); i++) {
      System.arraycopy(tokenizer.encode(captions.get(i)).ids(), 0, ids, i * length, length);
    }
    return Scope.compute(() -> Tensors.of(ids, captions.size(), length));
  }
}
