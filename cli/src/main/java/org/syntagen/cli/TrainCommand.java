package org.syntagen.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.syntagen.dataset.Dataset;
import org.syntagen.segmentation.Augmentation;
import org.syntagen.segmentation.Backbone;
import org.syntagen.segmentation.BackboneWeights;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Optimizer;
import org.syntagen.segmentation.Precision;
import org.syntagen.segmentation.Trainer;
import org.syntagen.segmentation.TrainingConfig;
import org.syntagen.segmentation.TrainingResult;
import org.syntagen.segmentation.TrainingSnapshots;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syntagen train}: a dataset to a segmentation checkpoint. */
@Command(
    name = "train",
    description = {
      "Train DeepLabv3 on a dataset with torchvision's recipe.",
      "The defaults are the competition's: ResNet-50, 10000 iterations, batch 8. Run it again to go",
      "on after an interruption."
    },
    footer = {
      "",
      "Example: a small network on small images",
      "  syntagen train --data pairs --out net.safetensors --backbone mobilenet_v3_large \\",
      "    --iterations 500 --base-size 128 --crop 128"
    })
final class TrainCommand implements Callable<Integer> {
  @Option(names = "--data", required = true, description = "Folder of the dataset.")
  private Path data;

  @Option(
      names = "--list",
      defaultValue = "train",
      description = "Which list of a VOC devkit. Default: ${DEFAULT-VALUE}.")
  private String list;

  @Option(names = "--out", required = true, description = "Checkpoint file (.safetensors).")
  private Path out;

  @Option(
      names = "--backbone",
      defaultValue = "resnet50",
      description = "resnet50 or mobilenet_v3_large. Default: ${DEFAULT-VALUE}.")
  private String backbone;

  @Option(
      names = "--backbone-weights",
      description = {
        "Start from the backbone of an image classifier (.safetensors, torchvision's names).",
        "Default: random weights."
      })
  private Path backboneWeights;

  @Option(
      names = "--iterations",
      defaultValue = "10000",
      description = "Default: ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(names = "--batch", defaultValue = "8", description = "Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--learning-rate",
      defaultValue = "0.01",
      description = "At the start of the schedule. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--warmup",
      defaultValue = "0",
      description = "Fraction of the run in which the rate rises. Default: ${DEFAULT-VALUE}.")
  private double warmup;

  @Option(
      names = "--base-size",
      defaultValue = "520",
      description = "Shorter side that random resizing is relative to. Default: ${DEFAULT-VALUE}.")
  private int baseSize;

  @Option(
      names = "--crop",
      defaultValue = "480",
      description = "Width and height of the random crops. Default: ${DEFAULT-VALUE}.")
  private int crop;

  @Option(
      names = "--precision",
      defaultValue = "fp32",
      description = "fp32 or bf16. Default: ${DEFAULT-VALUE}.")
  private String precision;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Dataset dataset = Dataset.open(data, list);
    TrainingConfig config =
        new TrainingConfig(
            Backbone.named(backbone),
            backboneWeights == null
                ? BackboneWeights.RANDOM
                : BackboneWeights.read(backboneWeights),
            iterations,
            0,
            batch,
            Optimizer.SGD,
            learningRate,
            warmup,
            new Augmentation(baseSize, crop),
            Precision.named(precision),
            seed);
    String fingerprint = dataset.recordedFingerprint().orElseGet(dataset::fingerprint);
    Path state = out.resolveSibling(out.getFileName() + ".state");
    TrainingSnapshots snapshots = TrainingSnapshots.in(state, Duration.ofMinutes(2), fingerprint);
    Trainer trainer = new Trainer(config, dataset.classes(), LabeledImages.of(dataset));
    Map<String, Object> result = new LinkedHashMap<>();
    try (Progress progress = new Progress("iterations", iterations);
        TrainingResult trained =
            trainer.train(
                snapshots,
                step -> progress.at(step.iteration(), "loss %.3f".formatted(step.loss())))) {
      Checkpoint checkpoint =
          Checkpoint.write(out, trained, config, dataset.classes().names(), fingerprint);
      snapshots.delete();
      result.put("checkpoint", out.toString());
      result.put("iterations", trained.iterations());
      result.put("seconds", trained.seconds());
      result.put("fingerprint", checkpoint.modelFingerprint());
    }
    System.out.println(
        json ? Json.line(result) : out + ": fingerprint " + result.get("fingerprint"));
    return 0;
  }
}
