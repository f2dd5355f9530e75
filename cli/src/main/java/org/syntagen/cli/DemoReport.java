package org.syntagen.cli;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.syntagen.cli.page.Bars;
import org.syntagen.cli.page.Html;
import org.syntagen.cli.page.LineChart;
import org.syntagen.cli.page.Page;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.LabelMap;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.labeling.Scores;
import org.syntagen.segmentation.EvaluationResult;

/** The demo's report: one page that needs no network. */
final class DemoReport {
  private final ClassSet classes;
  private final Dataset test;
  private final Map<String, Object> result;
  private final Page page = new Page("From 20 class names to mIoU");

  DemoReport(ClassSet classes, Dataset test, Map<String, Object> result) {
    this.classes = classes;
    this.test = test;
    this.result = result;
  }

  String render(
      List<PairGenerator.Pair> pairs,
      List<double[]> syntheticCurve,
      List<double[]> renderedCurve,
      EvaluationResult synthetic,
      EvaluationResult rendered,
      List<LabelMap> syntheticLabels,
      List<LabelMap> renderedLabels) {
    page.add(
        "<p>The bundled model <i>syntagen-tiny</i> drew %s images from prompts; masks come from its"
            + " own attention and denoising. DeepLabv3-MobileNetV3 was trained on these pairs for %s s and"
            + " measured on %d held-out scenes with exact masks. Its backbone started from an image"
            + " classifier that knows the class names of rendered scenes and no mask, here and in"
            + " the comparison.</p>",
        result.get("pairs"), result.get("trainSeconds"), test.size());
    figures();
    pairs(pairs);
    scores(pairs);
    page.heading("Training loss")
        .add(
            LineChart.svg(
                "training loss",
                List.of(
                    new LineChart.Series("on generated pairs", syntheticCurve),
                    new LineChart.Series("on rendered scenes", renderedCurve))));
    classTable(synthetic, rendered);
    predictions(syntheticLabels, renderedLabels);
    page.add(
        "<p>Dataset fingerprint <code>%s</code>, %s.</p>",
        result.get("fingerprint"), result.get("tool"));
    return page.html();
  }

  private void figures() {
    page.add("<div class=\"figures\">");
    figure("mIoU", "trained on generated pairs");
    figure("renderedMIoU", "the same on rendered scenes with exact masks");
    figure("ratio", "ratio of the two");
    figure("baselineMIoU", "calling everything background");
    page.add("</div>");
  }

  private void figure(String key, String meaning) {
    page.figure((Double) result.get(key), meaning);
  }

  private void pairs(List<PairGenerator.Pair> pairs) {
    page.heading("Generated pairs").add("<div class=\"grid\">");
    for (PairGenerator.Pair pair : pairs) {
      page.add(
          "<figure>%s%s<figcaption>%s</figcaption></figure>",
          Html.image(pair.image(), pair.prompt().caption()),
          Html.image(Overlay.labels(pair.image(), pair.mask(), classes), "labels"),
          Html.escape(pair.prompt().caption()));
    }
    page.add("</div>");
  }

  private void scores(List<PairGenerator.Pair> pairs) {
    page.heading("Scores of the classes").add("<div class=\"grid\">");
    for (PairGenerator.Pair pair : pairs.subList(0, Math.min(6, pairs.size()))) {
      Scores scores = pair.scores();
      int pixels = scores.width() * scores.height();
      page.add("<figure>");
      for (int k = 0; k < scores.labels().size(); k++) {
        float[] heat = Arrays.copyOfRange(scores.values(), k * pixels, (k + 1) * pixels);
        page.add(
            Html.image(
                Overlay.heat(pair.image(), heat),
                "scores of " + classes.words(scores.labels().get(k))));
      }
      page.add(
          "<figcaption>%s</figcaption></figure>",
          Html.escape(String.join(", ", scores.labels().stream().map(classes::words).toList())));
    }
    page.add("</div>");
  }

  private void classTable(EvaluationResult synthetic, EvaluationResult rendered) {
    List<Bars.Row> rows =
        IntStream.range(0, classes.size())
            .mapToObj(
                label ->
                    new Bars.Row(
                        classes.name(label),
                        List.of(
                            synthetic.metrics().classes().get(label).iou(),
                            rendered.metrics().classes().get(label).iou())))
            .toList();
    page.heading("IoU of each class")
        .add(Bars.html("class", List.of("generated", "rendered"), rows));
  }

  private void predictions(List<LabelMap> synthetic, List<LabelMap> rendered) {
    page.heading("Held-out scenes: image, ground truth, trained on generated, on rendered")
        .add("<div class=\"grid\" style=\"grid-template-columns:repeat(auto-fill,540px)\">");
    for (int i = 0; i < synthetic.size(); i++) {
      BufferedImage image = test.image(i);
      page.add("<figure>")
          .add(Html.image(image, "scene " + test.ids().get(i)))
          .add(Html.image(Overlay.labels(image, test.mask(i), classes), "ground truth"))
          .add(Html.image(Overlay.labels(image, synthetic.get(i), classes), "trained on generated"))
          .add(Html.image(Overlay.labels(image, rendered.get(i), classes), "trained on rendered"))
          .add("</figure>");
    }
    page.add("</div>");
  }
}
