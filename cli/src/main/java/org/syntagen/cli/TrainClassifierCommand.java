package org.syntagen.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.segmentation.ClassifierTrainer;
import org.syntagen.segmentation.ImageClassifier;
import org.syntagen.segmentation.NamedImages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen train-classifier}: images with class names to a classifier. */
@Command(
    name = "train-classifier",
    description = {
      "Train MobileNetV3-Large to name the objects of images, without masks.",
      "It judges generated images (syntagen classify) and can start a segmenter (syntagen train",
      "--init)."
    },
    footer = {
      "",
      "Example:",
      "  syntagen scenes --count 8000 --seed 7 --out scenes",
      "  syntagen train-classifier --data scenes --out classifier.safetensors"
    })
final class TrainClassifierCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      description = "Dataset folder with samples.jsonl; its masks are not opened.")
  private Path data;

  @Option(names = "--out", required = true, description = "Classifier file (.safetensors).")
  private Path out;

  @Option(names = "--iterations", defaultValue = "2000", description = "Default: ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(names = "--batch", defaultValue = "32", description = "Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--size",
      defaultValue = "128",
      description = "Width and height of the random crops. Default: ${DEFAULT-VALUE}.")
  private int size;

  @Option(
      names = "--learning-rate",
      defaultValue = "0.002",
      description = "At the start of the schedule. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    OutputFile.requireFolder(out);
    device.use();
    Dataset dataset = Dataset.openImages(data, Dataset.DEFAULT_LIST);
    ClassSet classes = dataset.classes();
    ClassifierTrainer trainer =
        new ClassifierTrainer(
            new ClassifierTrainer.Settings(iterations, batch, size, learningRate, seed),
            classes.names().subList(1, classes.size()),
            new NamedImages(dataset));
    try (Progress progress = new Progress("iterations", iterations);
        ImageClassifier classifier =
            trainer.train((step, loss) -> progress.at(step, "loss %.3f".formatted(loss)))) {
      classifier.write(out);
    }
    System.out.println(out);
    return 0;
  }
}
