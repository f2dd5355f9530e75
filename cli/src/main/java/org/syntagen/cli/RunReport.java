package org.syntagen.cli;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.syntagen.cli.page.Bars;
import org.syntagen.cli.page.HeatMap;
import org.syntagen.cli.page.Html;
import org.syntagen.cli.page.LineChart;
import org.syntagen.cli.page.Page;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.EvaluationResult;
import org.syntagen.segmentation.LabeledImage;
import org.syntagen.segmentation.TrainingResult;
import org.syntagen.segmentation.robustness.Corruption;
import org.syntagen.segmentation.robustness.RobustnessResult;

/** One network's training and scores: a page that needs no network. */
final class RunReport {
  private final ClassSet classes;
  private final Page page;

  private RunReport(String title, ClassSet classes) {
    this.classes = classes;
    this.page = new Page(title);
  }

  /**
   * The page.
   *
   * @param checkpoint what the network's file says of its training; empty for foreign weights
   * @param robustness empty if only the images as they are were looked at
   */
  static String html(
      String title,
      Optional<Checkpoint> checkpoint,
      ClassSet classes,
      EvaluationResult evaluation,
      Extremes extremes,
      Optional<RobustnessResult> robustness) {
    RunReport report = new RunReport(title, classes);
    report.figures(evaluation);
    checkpoint.ifPresent(report::training);
    report.classes(evaluation);
    report.confusion(evaluation.confusion());
    report.reliability(evaluation);
    robustness.ifPresent(report::corruptions);
    report.page.heading("Worst and best labels").add(Html.opacitySlider());
    report.examples("Worst", extremes.worst());
    report.examples("Best", extremes.best());
    return report.page.html();
  }

  private void figures(EvaluationResult evaluation) {
    page.add("<div class=\"figures\">")
        .figure(
            100 * evaluation.metrics().meanIou(),
            "mIoU over %d images".formatted(evaluation.images()))
        .figure(100 * evaluation.baseline().meanIou(), "mIoU of calling everything background")
        .figure(100 * evaluation.boundary().mean(), "boundary IoU")
        .figure(100 * evaluation.metrics().frequencyWeightedIou(), "frequency-weighted IoU")
        .figure(100 * evaluation.metrics().pixelAccuracy(), "pixel accuracy")
        .figure(100 * evaluation.calibration().expectedError(), "expected calibration error")
        .add("</div>");
  }

  private void training(Checkpoint checkpoint) {
    page.heading("Training");
    if (!checkpoint.curve().isEmpty()) {
      page.add(curve("loss", checkpoint, TrainingResult.Point::loss))
          .add(curve("learning rate", checkpoint, TrainingResult.Point::learningRate));
    }
    page.add("<details><summary>Recipe</summary><table>");
    checkpoint
        .training()
        .forEach(
            (key, value) ->
                page.add(
                    "<tr><td>%s</td><td>%s</td></tr>",
                    Html.escape(key), Html.escape(String.valueOf(value))));
    page.add(
        "</table></details><p>Network <code>%s</code>,<br>trained on <code>%s</code>.</p>",
        Html.escape(checkpoint.modelFingerprint()), Html.escape(checkpoint.datasetFingerprint()));
  }

  private static String curve(
      String name, Checkpoint checkpoint, ToDoubleFunction<TrainingResult.Point> value) {
    List<double[]> points =
        checkpoint.curve().stream()
            .map(point -> new double[] {point.iteration(), value.applyAsDouble(point)})
            .toList();
    return LineChart.svg(name, List.of(new LineChart.Series(name, points)));
  }

  private void classes(EvaluationResult evaluation) {
    List<Bars.Row> rows =
        IntStream.range(0, classes.size())
            .mapToObj(
                label ->
                    new Bars.Row(
                        classes.name(label),
                        List.of(
                            evaluation.metrics().classes().get(label).iou(),
                            evaluation.boundary().iou(label))))
            .toList();
    page.heading("IoU of each class").add(Bars.html("class", List.of("IoU", "boundary IoU"), rows));
  }

  private void confusion(ConfusionMatrix matrix) {
    double[][] shares = new double[matrix.classes()][matrix.classes()];
    for (int truth = 0; truth < matrix.classes(); truth++) {
      for (int found = 0; found < matrix.classes(); found++) {
        shares[truth][found] = (double) matrix.count(truth, found) / matrix.truth(truth);
      }
    }
    page.heading("Confusion")
        .add("<p>Of each class's pixels (a row), how many percent were labelled as which.</p>")
        .add(HeatMap.html("truth", classes.names(), classes.names(), shares));
  }

  private void reliability(EvaluationResult evaluation) {
    List<double[]> bins =
        evaluation.calibration().bins().stream()
            .map(bin -> new double[] {bin.confidence(), bin.accuracy()})
            .toList();
    page.heading("Reliability")
        .add("<p>How often labels are right, by the probability that the network gives them.</p>")
        .add(
            LineChart.svg(
                "accuracy by confidence",
                List.of(
                    new LineChart.Series("accuracy", bins),
                    new LineChart.Series(
                        "as confident as right",
                        List.of(new double[] {0, 0}, new double[] {1, 1})))));
  }

  private void corruptions(RobustnessResult robustness) {
    Corruption[] corruptions = Corruption.values();
    double[][] miou = new double[corruptions.length][];
    for (int i = 0; i < corruptions.length; i++) {
      miou[i] =
          robustness.corrupted().get(corruptions[i]).stream()
              .mapToDouble(Double::doubleValue)
              .toArray();
    }
    page.heading("mIoU on corrupted images")
        .add(
            HeatMap.html(
                "corruption",
                Arrays.stream(corruptions).map(Corruption::id).toList(),
                IntStream.rangeClosed(1, Corruption.SEVERITIES)
                    .mapToObj(severity -> "severity " + severity)
                    .toList(),
                miou));
  }

  private void examples(String name, List<Extremes.Labelled> examples) {
    page.add("<h3>%s</h3><div class=\"grid\">", name);
    for (Extremes.Labelled example : examples) {
      LabeledImage image = example.image();
      BufferedImage pixels = Images.ofRgb(image.rgb(), image.width(), image.height());
      page.add(
          "<figure>%s %s<figcaption>%s: truth, labels, mIoU %.1f</figcaption></figure>",
          stack(pixels, image.mask(), "truth"),
          stack(pixels, example.labels(), "labels"),
          Html.escape(image.id()),
          100 * example.miou());
    }
    page.add("</div>");
  }

  private String stack(BufferedImage image, LabelMap labels, String alt) {
    return Html.stack(image, Overlay.alone(labels, classes), alt);
  }
}
