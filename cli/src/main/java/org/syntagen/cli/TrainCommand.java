package org.syntagen.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.EventFile;
import org.syntagen.segmentation.InitialWeights;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Recipe;
import org.syntagen.segmentation.SkippingImages;
import org.syntagen.segmentation.Trainer;
import org.syntagen.segmentation.TrainingConfig;
import org.syntagen.segmentation.TrainingProgress;
import org.syntagen.segmentation.TrainingResult;
import org.syntagen.segmentation.TrainingSnapshots;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen train}: a dataset to a segmentation checkpoint. */
@Command(
    name = "train",
    description = {
      "Train DeepLabv3 on a dataset by a recipe.",
      "By default it is the competition's: torchvision's, with ResNet-50, 10000 iterations and batch 8.",
      "Run it again to go on after an interruption."
    },
    footer = {
      "",
      "Example: the competition's protocol from ImageNet's weights",
      "  syntagen train --data pairs --out net.safetensors --init resnet50-0676ba61.pth",
      "Example: a small network on small images",
      "  syntagen train --data pairs --out net.safetensors --recipe quick --set iterations=500",
      "Example: three generated images for every real one",
      "  syntagen train --data pairs --data VOCdevkit/VOC2012 --set shares=[3,1] --out net.safetensors"
    })
final class TrainCommand implements Callable<Integer> {
  private enum OnBadSample {
    FAIL,
    SKIP
  }

  @Option(
      names = "--data",
      required = true,
      description =
          "Folder of a dataset. May be repeated; each then has its share of the recipe's "
              + "\"shares\", by default by its size.")
  private List<Path> data;

  @Option(
      names = "--list",
      defaultValue = "train",
      description = "Which list of a VOC devkit. Default: ${DEFAULT-VALUE}.")
  private String list;

  @Option(names = "--out", required = true, description = "Checkpoint file (.safetensors).")
  private Path out;

  @Option(
      names = "--init",
      description =
          "Start from these weights in torchvision's names (.safetensors or .pth): an "
              + "image classifier's backbone or a whole DeepLabv3. Default: random weights.")
  private Path init;

  @Option(
      names = "--recipe",
      defaultValue = "competition",
      description =
          "competition, mmseg, quick, or a YAML file that says what differs from the "
              + "first. Default: ${DEFAULT-VALUE}.")
  private String recipe;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Another value for a key of the recipe, e.g. iterations=500, seed=2 or "
              + "crop_size=256. May be repeated.")
  private Map<String, String> changes = Map.of();

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description = "Folder that receives loss and learning rate as an event file for TensorBoard.")
  private Path tensorboard;

  @Option(
      names = "--on-bad-sample",
      defaultValue = "fail",
      description =
          "fail or skip: what to do about an image or mask that is broken or does not "
              + "fit. Skipped ones are named at the end. Default: ${DEFAULT-VALUE}.")
  private OnBadSample onBadSample;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    OutputFile.requireFolder(out);
    device.use();
    return Interruption.guard(out, this::train);
  }

  private int train(Interruption interruption) {
    List<Dataset> datasets = data.stream().map(folder -> Dataset.open(folder, list)).toList();
    ClassSet classes = classes(datasets);
    TrainingConfig config =
        changed().config(init == null ? InitialWeights.RANDOM : InitialWeights.read(init));
    String fingerprint = fingerprint(datasets);
    Path state = out.resolveSibling(out.getFileName() + ".state");
    TrainingSnapshots snapshots = TrainingSnapshots.in(state, Duration.ofMinutes(2), fingerprint);
    List<SkippingImages> readable =
        datasets.stream().map(LabeledImages::of).map(SkippingImages::new).toList();
    List<LabeledImages> images =
        onBadSample == OnBadSample.SKIP
            ? List.copyOf(readable)
            : datasets.stream().map(LabeledImages::of).toList();
    Trainer trainer = new Trainer(config, classes, images);
    Map<String, Object> result = new LinkedHashMap<>();
    try (Progress progress = new Progress("iterations", config.iterations());
        EventFile events = tensorboard == null ? null : EventFile.in(tensorboard);
        TrainingResult trained =
            trainer.train(
                snapshots,
                step -> {
                  note(step, progress, events);
                  interruption.check();
                })) {
      Checkpoint checkpoint = Checkpoint.write(out, trained, config, classes.names(), fingerprint);
      snapshots.delete();
      result.put("checkpoint", out.toString());
      result.put("iterations", trained.iterations());
      result.put("seconds", trained.seconds());
      result.put("fingerprint", checkpoint.modelFingerprint());
    }
    Map<String, String> skipped = skipped(readable);
    result.put("skipped", skipped);
    skipped.forEach((id, why) -> System.err.println("skipped " + id + ": " + why));
    if (!skipped.isEmpty()) {
      int all = datasets.stream().mapToInt(Dataset::size).sum();
      System.err.printf("skipped %d of %d samples%n", skipped.size(), all);
    }
    System.out.println(
        json ? Json.line(result) : out + ": fingerprint " + result.get("fingerprint"));
    return 0;
  }

  /** The reasons by id, which several datasets may share and which then follows the folder. */
  private Map<String, String> skipped(List<SkippingImages> readable) {
    Map<String, String> skipped = new LinkedHashMap<>();
    for (int i = 0; i < readable.size(); i++) {
      Path folder = readable.size() == 1 ? Path.of("") : data.get(i);
      readable
          .get(i)
          .skipped()
          .forEach((id, why) -> skipped.put(folder.resolve(id).toString(), why));
    }
    return skipped;
  }

  private static void note(TrainingProgress step, Progress progress, EventFile events) {
    progress.at(
        step.iteration(),
        "loss %.3f, %.0f %% waiting for images".formatted(step.loss(), 100 * step.waitingShare()));
    if (events != null) {
      events.scalar("loss", step.iteration(), step.loss());
      events.scalar("learning_rate", step.iteration(), step.learningRate());
    }
  }

  private ClassSet classes(List<Dataset> datasets) {
    ClassSet classes = datasets.get(0).classes();
    for (Dataset dataset : datasets) {
      if (!dataset.classes().names().equals(classes.names())) {
        throw new InputException(
            "%s and %s have other classes; train on datasets of the same ones"
                .formatted(data.get(0), dataset.folder()));
      }
    }
    return classes;
  }

  /**
   * Of the samples as they are now, whatever a header says; of several datasets a hash over theirs
   * in order.
   */
  private String fingerprint(List<Dataset> datasets) {
    List<String> each = new ArrayList<>();
    for (Dataset dataset : datasets) {
      try (Progress progress = new Progress("samples looked at", dataset.size())) {
        each.add(
            Fingerprint.of(
                IntStream.range(0, dataset.size())
                    .parallel()
                    .mapToObj(
                        position -> {
                          Fingerprint.Entry entry = entry(dataset, position);
                          progress.step();
                          return entry;
                        })
                    .toList()));
      }
    }
    return each.size() == 1 ? each.get(0) : Fingerprint.ofText(String.join("\n", each));
  }

  /** In the place of pixels that cannot be read stand the bytes of the files. */
  private Fingerprint.Entry entry(Dataset dataset, int position) {
    try {
      return dataset.entry(position);
    } catch (InputException e) {
      if (onBadSample == OnBadSample.FAIL) {
        throw e;
      }
      try {
        return new Fingerprint.Entry(
            dataset.ids().get(position),
            Fingerprint.ofFile(dataset.imageFile(position)),
            Fingerprint.ofFile(dataset.maskFile(position)));
      } catch (IOException unreadable) {
        throw e;
      }
    }
  }

  private Recipe changed() {
    Recipe result = Recipe.of(recipe);
    for (Map.Entry<String, String> change : changes.entrySet()) {
      result = result.with(change.getKey(), change.getValue());
    }
    return result;
  }
}
