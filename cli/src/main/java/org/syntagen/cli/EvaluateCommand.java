package org.syntagen.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.EvaluationResult;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Predictor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen evaluate}: a checkpoint and labelled images to mIoU. */
@Command(
    name = "evaluate",
    description =
        "Measure a checkpoint on labelled images: mIoU over one confusion matrix, and more.",
    footer = {
      "",
      "Example: on the bundled test scenes",
      "  syntagen evaluate --checkpoint net.safetensors",
      "Example: on PASCAL VOC 2012 val",
      "  syntagen evaluate --checkpoint net.safetensors --data VOCdevkit/VOC2012 --list val \\",
      "    --shorter-side 520 --scales 0.75,1,1.25 --flip --predictions comp6_val_cls"
    })
final class EvaluateCommand implements Callable<Integer> {
  @Option(names = "--checkpoint", required = true, description = "Checkpoint file.")
  private Path checkpoint;

  @Mixin private TestImagesOptions test;

  @Option(
      names = "--scales",
      split = ",",
      defaultValue = "1",
      paramLabel = "SCALE",
      description = "Average over these multiples of that size. Default: ${DEFAULT-VALUE}.")
  private List<Double> scales;

  @Option(names = "--flip", description = "Average over each image and its mirror image.")
  private boolean flip;

  @Option(
      names = "--predictions",
      description =
          "Folder that receives the predicted masks as palette PNGs, named as the images.")
  private Path predictions;

  @Option(
      names = "--report",
      description = "File that receives a page with all scores, curves and pictures.")
  private Path report;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    if (report != null) {
      OutputFile.requireFolder(report);
    }
    device.use();
    Dataset dataset = test.open();
    ClassSet classes = dataset.classes();
    Extremes extremes = new Extremes(classes);
    EvaluationResult result;
    try (DeepLabV3 model = Networks.load(checkpoint, classes);
        Progress progress = new Progress("images", dataset.size())) {
      Predictor predictor = new Predictor(model, test.shorterSide(), scales, flip);
      if (predictions != null) {
        Files.createDirectories(predictions);
      }
      result =
          new Evaluator(classes)
              .evaluate(
                  predictor,
                  LabeledImages.of(dataset),
                  (image, labels) -> {
                    write(image.id(), labels);
                    extremes.add(image, labels);
                    progress.step();
                  });
    } catch (IOException e) {
      throw new UncheckedIOException(predictions + " cannot be made: " + e.getMessage(), e);
    }
    if (json) {
      System.out.println(Json.line(summary(result, classes)));
    } else {
      print(result, classes);
    }
    if (report != null) {
      writeReport(result, classes, extremes);
    }
    return 0;
  }

  private void write(String id, LabelMap labels) {
    if (predictions == null) {
      return;
    }
    Path file = predictions.resolve(id + ".png");
    try {
      labels.write(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written: " + e.getMessage(), e);
    }
  }

  private void writeReport(EvaluationResult result, ClassSet classes, Extremes extremes) {
    try {
      AtomicFile.writeText(
          report,
          RunReport.html(
              checkpoint.toString(),
              Checkpoint.find(checkpoint),
              classes,
              result,
              extremes,
              Optional.empty()));
    } catch (IOException e) {
      throw new UncheckedIOException(report + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static void print(EvaluationResult result, ClassSet classes) {
    Metrics metrics = result.metrics();
    printClasses(metrics, classes);
    System.out.printf(
        "mIoU %.2f over %d images (all background: %.2f), boundary IoU %.2f, frequency-weighted"
            + " IoU %.2f, pixel accuracy %.2f, calibration error %.2f%n",
        100 * metrics.meanIou(),
        result.images(),
        100 * result.baseline().meanIou(),
        100 * result.boundary().mean(),
        100 * metrics.frequencyWeightedIou(),
        100 * metrics.pixelAccuracy(),
        100 * result.calibration().expectedError());
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

  /** Metrics in percent, counts and the reliability diagram, by stable names. */
  static Map<String, Object> summary(EvaluationResult result, ClassSet classes) {
    Metrics metrics = result.metrics();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("mIoU", 100 * metrics.meanIou());
    summary.put("baselineMIoU", 100 * result.baseline().meanIou());
    summary.put("pixelAccuracy", 100 * metrics.pixelAccuracy());
    summary.put("frequencyWeightedIoU", 100 * metrics.frequencyWeightedIou());
    summary.put("meanBoundaryIoU", 100 * result.boundary().mean());
    summary.put("expectedCalibrationError", 100 * result.calibration().expectedError());
    summary.put("images", result.images());
    summary.put("classIoU", classIou(metrics, classes));
    summary.put("confusion", rows(result.confusion()));
    summary.put("reliability", result.calibration().bins());
    return summary;
  }

  /** Pixels by truth, then prediction. */
  private static List<long[]> rows(ConfusionMatrix matrix) {
    return IntStream.range(0, matrix.classes())
        .mapToObj(
            truth ->
                IntStream.range(0, matrix.classes())
                    .mapToLong(prediction -> matrix.count(truth, prediction))
                    .toArray())
        .toList();
  }
}
