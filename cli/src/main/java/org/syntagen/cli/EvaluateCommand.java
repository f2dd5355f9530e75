package org.syntagen.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.EvaluationResult;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Metrics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syntagen evaluate}: a checkpoint and labelled images to mIoU. */
@Command(
    name = "evaluate",
    description = "Measure a checkpoint on labelled images: mIoU over one confusion matrix.",
    footer = {
      "",
      "Example: on the bundled test scenes",
      "  syntagen evaluate --checkpoint net.safetensors",
      "Example: on PASCAL VOC 2012 val",
      "  syntagen evaluate --checkpoint net.safetensors --data VOCdevkit/VOC2012 --list val \\",
      "    --shorter-side 520"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Option(names = "--checkpoint", required = true, description = "Checkpoint file.")
  private Path checkpoint;

  @Option(
      names = "--data",
      description = "Dataset folder or VOC devkit. Default: the bundled test scenes.")
  private Path data;

  @Option(
      names = "--list",
      defaultValue = "train",
      description = "Which list of a dataset. Default: ${DEFAULT-VALUE}.")
  private String list;

  @Option(
      names = "--shorter-side",
      defaultValue = "0",
      description = "Resize images to this for the network; 0: as they are.")
  private int shorterSide;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Dataset dataset = Dataset.open(data == null ? Tool.asset(Tool.TEST_SCENES) : data, list);
    ClassSet classes = dataset.classes();
    EvaluationResult result;
    try (DeepLabV3 model = DeepLabV3.load(checkpoint);
        Progress progress = new Progress("images", dataset.size())) {
      result =
          new Evaluator(classes, shorterSide)
              .evaluate(model, LabeledImages.of(dataset), 0, done -> progress.at(done, ""));
    }
    if (json) {
      System.out.println(Json.line(summary(result, classes)));
    } else {
      print(result, classes);
    }
    return 0;
  }

  private static void print(EvaluationResult result, ClassSet classes) {
    printClasses(result.metrics(), classes);
    System.out.printf(
        "mIoU %.2f over %d images (all background: %.2f), pixel accuracy %.2f%n",
        100 * result.metrics().meanIou(),
        result.images(),
        100 * result.baseline().meanIou(),
        100 * result.metrics().pixelAccuracy());
  }

  /** One line a class. */
  static void printClasses(Metrics metrics, ClassSet classes) {
    for (int label = 0; label < classes.size(); label++) {
      var iou = metrics.classes().get(label).iou();
      System.out.printf(
          "%-14s %s%n",
          classes.name(label), iou.isPresent() ? "%6.2f".formatted(100 * iou.getAsDouble()) : "-");
    }
  }

  /** Percent by class name; null where a class is neither shown nor predicted. */
  static Map<String, Object> classIou(Metrics metrics, ClassSet classes) {
    Map<String, Object> perClass = new LinkedHashMap<>();
    for (int label = 0; label < classes.size(); label++) {
      var iou = metrics.classes().get(label).iou();
      perClass.put(classes.name(label), iou.isPresent() ? 100 * iou.getAsDouble() : null);
    }
    return perClass;
  }

  /** Metrics in percent, by stable names. */
  static Map<String, Object> summary(EvaluationResult result, ClassSet classes) {
    Metrics metrics = result.metrics();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("mIoU", 100 * metrics.meanIou());
    summary.put("baselineMIoU", 100 * result.baseline().meanIou());
    summary.put("pixelAccuracy", 100 * metrics.pixelAccuracy());
    summary.put("frequencyWeightedIoU", 100 * metrics.frequencyWeightedIou());
    summary.put("images", result.images());
    summary.put("classIoU", classIou(metrics, classes));
    return summary;
  }
}
