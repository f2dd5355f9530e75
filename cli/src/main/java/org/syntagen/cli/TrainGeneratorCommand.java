package org.syntagen.cli;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.cli.page.LineChart;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.diffusion.training.CaptionedImages;
import org.syntagen.diffusion.training.GeneratorTraining;
import org.syntagen.diffusion.training.LatentStatistics;
import org.syntagen.diffusion.training.TrainingMonitor;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen train-generator}: images and captions to a small latent diffusion model. */
@Command(
    name = "train-generator",
    description = {
      "Train a small latent diffusion model from images and captions alone.",
      "Never opens a mask. First the autoencoder, then text encoder and U-Net. Run it again to go on",
      "after an interruption. Writes model/, loss.csv, loss.svg and samples-STEP.png to the output folder."
    },
    footer = {
      "",
      "Example: from easy scenes to varied ones",
      "  syntagen scenes --easy --count 10000 --seed 101 --out easy",
      "  syntagen scenes --count 20000 --seed 202 --out wide",
      "  syntagen train-generator --data easy --data wide --out tiny"
    })
final class TrainGeneratorCommand implements Callable<Integer> {
  private static final int SHEET_COLUMNS = 10;

  @Option(
      names = "--data",
      required = true,
      description = {
        "Dataset folder with 128 x 128 images; give several for a curriculum, which starts with",
        "the first and ends with all."
      })
  private List<Path> data;

  @Option(names = "--out", required = true, description = "Folder for the run and the model.")
  private Path out;

  @Option(
      names = "--autoencoder-steps",
      defaultValue = "6000",
      description = "Default: ${DEFAULT-VALUE}.")
  private long autoencoderSteps;

  @Option(names = "--steps", defaultValue = "12000", description = "Default: ${DEFAULT-VALUE}.")
  private long steps;

  @Option(names = "--batch", description = "Images a step, 1 to 4096. Default: 16.")
  private int batch = 16;

  @Option(
      names = "--learning-rate",
      defaultValue = "0.001",
      description = "Of text encoder and U-Net, at its peak. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--workers",
      description = "Threads that share a batch, a divisor of it. Default: 2.")
  private int workers = 2;

  @Mixin private DeviceOptions device;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--from",
      description = {
        "Model folder to go on from, such as an earlier run's model/: its tokenizer and",
        "autoencoder are kept, text encoder and U-Net trained further."
      })
  private Path from;

  @Override
  public Integer call() {
    if (steps < 1 || autoencoderSteps < 1) {
      throw new InputException("--steps and --autoencoder-steps must be at least 1");
    }
    if (batch < 1 || batch > 4096) {
      throw new InputException("--batch " + batch + ": expected 1 to 4096");
    }
    if (!(learningRate > 0 && learningRate <= 1)) {
      throw new InputException(
          "--learning-rate " + learningRate + ": expected more than 0, at most 1");
    }
    if (workers < 1 || batch % workers != 0) {
      throw new InputException(
          "--workers " + workers + ": expected a divisor of the batch, " + batch);
    }
    device.use();
    GeneratorTraining.Settings settings =
        GeneratorTraining.Settings.tiny(
            autoencoderSteps, steps, batch, workers, learningRate, seed);
    CaptionedImages images = CaptionedImages.read(data, settings.imageSize());
    Path log = out.resolve("loss.csv");
    try (Monitor monitor = new Monitor(log)) {
      new GeneratorTraining(settings, out, Optional.ofNullable(from).map(ModelFolder::new))
          .run(
              images,
              monitor,
              (step, model) -> {
                writeSamples(out.resolve("samples-%06d.png".formatted(step)), model);
                writeCurve();
              });
    }
    System.out.println(out.resolve("model") + ": trained on " + images.count() + " images");
    return 0;
  }

  /** Progress on the terminal and the loss, averaged over 20 steps, in a file. */
  private static final class Monitor implements TrainingMonitor, AutoCloseable {
    private static final int EVERY = 20;
    private final Path log;
    private String phase = "";
    private Progress progress;
    private double sum;
    private int count;

    Monitor(Path log) {
      this.log = log;
    }

    @Override
    public synchronized void step(String name, long step, long steps, double loss) {
      if (!name.equals(phase)) {
        close();
        phase = name;
        progress = new Progress(name, steps);
        forget(name, step);
      }
      boolean hasLoss = !Double.isNaN(loss);
      progress.at(step, hasLoss ? "loss %.4f".formatted(loss) : "");
      if (hasLoss) {
        sum += loss;
        count++;
        if (step % EVERY == 0) {
          append("%s,%d,%.6f%n".formatted(name, step, sum / count).replace("\r", ""));
          sum = 0;
          count = 0;
        }
      }
    }

    @Override
    public synchronized void autoencoder(LatentStatistics statistics) {
      close();
      phase = "";
      System.err.println(statistics);
    }

    /** Takes back what was noted after the last checkpoint, which is done again now. */
    private void forget(String name, long from) {
      if (!Files.exists(log)) {
        return;
      }
      try {
        StringBuilder kept = new StringBuilder();
        for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
          String[] cells = line.split(",");
          boolean whole = cells.length == 3 && cells[2].matches("[0-9]+\\.[0-9]{6}");
          if (whole && !(cells[0].equals(name) && Long.parseLong(cells[1]) >= from)) {
            kept.append(line).append('\n');
          }
        }
        AtomicFile.writeText(log, kept.toString());
      } catch (IOException e) {
        throw new UncheckedIOException(log + ": cannot be written: " + e.getMessage(), e);
      }
    }

    private void append(String line) {
      try {
        Files.createDirectories(log.getParent());
        Files.writeString(log, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(log + ": cannot be written: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
        progress = null;
      }
      sum = 0;
      count = 0;
    }
  }

  private void writeCurve() {
    List<double[]> points = new ArrayList<>();
    Path log = out.resolve("loss.csv");
    try {
      if (!Files.exists(log)) {
        return;
      }
      for (String line : Files.readAllLines(log, StandardCharsets.UTF_8)) {
        String[] cells = line.split(",");
        if (cells.length == 3 && cells[0].equals("denoiser")) {
          points.add(new double[] {Double.parseDouble(cells[1]), Double.parseDouble(cells[2])});
        }
      }
      if (points.size() > 1) {
        AtomicFile.writeText(
            out.resolve("loss.svg"),
            LineChart.svg("denoiser loss", List.of(new LineChart.Series("loss", points))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(log + ": cannot be read or drawn", e);
    }
  }

  /** One image a class, in the order of the class set. */
  static void writeSamples(Path file, StableDiffusion model) {
    ClassSet classes = ClassSet.VOC;
    int size = model.nativeSize();
    GenerationSettings settings = new GenerationSettings(size, size, 25, 5, "", SchedulerKind.DDIM);
    List<String> captions = new ArrayList<>();
    for (int label = 1; label < classes.size(); label++) {
      captions.add("a photo of " + ClassSet.withArticle(classes.words(label)) + " on the grass");
    }
    BufferedImage sheet =
        new BufferedImage(
            SHEET_COLUMNS * size,
            (captions.size() + SHEET_COLUMNS - 1) / SHEET_COLUMNS * size,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    try (Scope scope = new Scope()) {
      long[] seeds = LongStream.rangeClosed(1, captions.size()).toArray();
      Tensor pixels = model.decode(model.sample(captions, seeds, settings, null));
      for (int i = 0; i < captions.size(); i++) {
        BufferedImage image = Images.ofRgb(Tensors.bytes(pixels.narrow(0, i, 1)), size, size);
        graphics.drawImage(image, i % SHEET_COLUMNS * size, i / SHEET_COLUMNS * size, null);
      }
    }
    graphics.dispose();
    try {
      Images.writePng(file, sheet);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
