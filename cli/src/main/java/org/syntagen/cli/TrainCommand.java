package org.syntagen.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.syntagen.dataset.Dataset;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.InitialWeights;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Recipe;
import org.syntagen.segmentation.SkippingImages;
import org.syntagen.segmentation.Trainer;
import org.syntagen.segmentation.TrainingConfig;
import org.syntagen.segmentation.TrainingResult;
import org.syntagen.segmentation.TrainingSnapshots;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen train}: a dataset to a segmentation checkpoint. */
@Command(
    name = "train",
    description = {
      "Train DeepLabv3 on a dataset by a recipe, by default the competition's: torchvision's, with",
      "ResNet-50, 10000 iterations and batch 8. Run it again to go on after an interruption."
    },
    footer = {
      "",
      "Example: the competition's protocol from ImageNet's weights",
      "  syntagen train --data pairs --out net.safetensors --init resnet50-0676ba61.pth",
      "Example: a small network on small images",
      "  syntagen train --data pairs --out net.safetensors --recipe quick --iterations 500"
    })
final class TrainCommand implements Callable<Integer> {
  private enum OnBadSample {
    FAIL,
    SKIP
  }

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
      names = "--init",
      description = {
        "Start from these weights in torchvision's names (.safetensors or .pth): an image",
        "classifier's backbone or a whole DeepLabv3. Default: random weights."
      })
  private Path init;

  @Option(
      names = "--recipe",
      defaultValue = "competition",
      description = {
        "competition, mmseg, quick, or a YAML file that says what differs from the first; the",
        "options below go before it. Default: ${DEFAULT-VALUE}."
      })
  private String recipe;

  @Option(names = "--backbone", description = "resnet50, resnet101 or mobilenet_v3_large.")
  private String backbone;

  @Option(names = "--iterations", description = "How many steps.")
  private String iterations;

  @Option(names = "--batch", description = "Images a step.")
  private String batch;

  @Option(names = "--seed", description = "Of weights, order, augmentation and dropout.")
  private String seed;

  @Option(names = "--learning-rate", description = "At the start of the schedule.")
  private String learningRate;

  @Option(names = "--warmup", description = "Fraction of the run in which the rate rises.")
  private String warmup;

  @Option(names = "--base-size", description = "Shorter side that resizing is relative to.")
  private String baseSize;

  @Option(names = "--crop", description = "Width and height of the random crops.")
  private String crop;

  @Option(names = "--precision", description = "fp32 or bf16.")
  private String precision;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other key of a recipe, e.g. weight_decay=0.0005. May be repeated.")
  private Map<String, String> others = Map.of();

  @Option(
      names = "--on-bad-sample",
      defaultValue = "fail",
      description = {
        "fail or skip: what to do about an image or mask that is broken or does not fit. Skipped",
        "ones are named at the end. Default: ${DEFAULT-VALUE}."
      })
  private OnBadSample onBadSample;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.use();
    Dataset dataset = Dataset.open(data, list);
    TrainingConfig config =
        overridden().config(init == null ? InitialWeights.RANDOM : InitialWeights.read(init));
    String fingerprint = dataset.recordedFingerprint().orElseGet(dataset::fingerprint);
    Path state = out.resolveSibling(out.getFileName() + ".state");
    TrainingSnapshots snapshots = TrainingSnapshots.in(state, Duration.ofMinutes(2), fingerprint);
    LabeledImages all = LabeledImages.of(dataset);
    SkippingImages readable = new SkippingImages(all);
    Trainer trainer =
        new Trainer(config, dataset.classes(), onBadSample == OnBadSample.SKIP ? readable : all);
    Map<String, Object> result = new LinkedHashMap<>();
    try (Progress progress = new Progress("iterations", config.iterations());
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
      result.put("skipped", readable.skipped());
    }
    readable.skipped().forEach((id, why) -> System.err.println("skipped " + id + ": " + why));
    if (!readable.skipped().isEmpty()) {
      System.err.printf("skipped %d of %d samples%n", readable.skipped().size(), all.size());
    }
    System.out.println(
        json ? Json.line(result) : out + ": fingerprint " + result.get("fingerprint"));
    return 0;
  }

  private Recipe overridden() {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("backbone", backbone);
    given.put("iterations", iterations);
    given.put("batch_size", batch);
    given.put("seed", seed);
    given.put("learning_rate", learningRate);
    given.put("warmup", warmup);
    given.put("base_size", baseSize);
    given.put("crop_size", crop);
    given.put("precision", precision);
    given.putAll(others);
    Recipe result = Recipe.of(recipe);
    for (Map.Entry<String, String> option : given.entrySet()) {
      if (option.getValue() != null) {
        result = result.with(option.getKey(), option.getValue());
      }
    }
    return result;
  }
}
