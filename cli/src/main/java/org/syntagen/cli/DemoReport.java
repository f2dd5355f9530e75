package org.syntagen.cli;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.LabelMap;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.labeling.Scores;
import org.syntagen.segmentation.EvaluationResult;

/** The demo's report: one page that needs no network. */
final class DemoReport {
  private static final String STYLE =
      """
      :root{color-scheme:light dark}
      body{font:15px/1.5 system-ui,sans-serif;max-width:1080px;margin:2rem auto;padding:0 1rem}
      h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem}
      .figures{display:flex;gap:1rem;flex-wrap:wrap}
      .figures div{border:1px solid #8886;border-radius:8px;padding:.6rem 1rem;min-width:9rem}
      .figures b{display:block;font-size:1.5rem}
      .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:1rem}
      figure{margin:0}figcaption{font-size:.85rem;opacity:.85}
      img{image-rendering:auto;border-radius:3px;margin-right:2px}
      table{border-collapse:collapse;width:100%}td,th{padding:.15rem .5rem;text-align:left}
      td.bar{width:60%}.track{background:#8883;border-radius:3px;height:9px;margin:2px 0}
      .track span{display:block;height:9px;border-radius:3px;background:#1668c7}
      .track span.r{background:#c2410c}
      """;

  private final ClassSet classes;
  private final Dataset test;
  private final Map<String, Object> result;
  private final StringBuilder page = new StringBuilder();

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
    page.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\">")
        .append("<title>SyntaGen demo</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>From 20 class names to mIoU</h1>");
    add(
        "<p>The bundled model <i>syntagen-tiny</i> drew %s images from prompts; masks come from its"
            + " own attention and denoising. DeepLabv3-MobileNetV3 was trained on these pairs for %s s and"
            + " measured on %d held-out scenes with exact masks. Its backbone started from an image"
            + " classifier that knows the class names of rendered scenes and no mask, here and in"
            + " the comparison.</p>",
        result.get("pairs"), result.get("trainSeconds"), test.size());
    figures();
    pairs(pairs);
    scores(pairs);
    page.append("<h2>Training loss</h2>")
        .append(
            LineChart.svg(
                "training loss",
                List.of(
                    new LineChart.Series("on generated pairs", syntheticCurve),
                    new LineChart.Series("on rendered scenes", renderedCurve))));
    classTable(synthetic, rendered);
    predictions(syntheticLabels, renderedLabels);
    add(
        "<p>Dataset fingerprint <code>%s</code>, %s.</p></body></html>\n",
        result.get("fingerprint"), result.get("tool"));
    return page.toString();
  }

  private void figures() {
    page.append("<div class=\"figures\">");
    figure("%.2f", "mIoU", "trained on generated pairs");
    figure("%.2f", "renderedMIoU", "the same on rendered scenes with exact masks");
    figure("%.2f", "ratio", "ratio of the two");
    figure("%.2f", "baselineMIoU", "calling everything background");
    page.append("</div>");
  }

  private void figure(String format, String key, String meaning) {
    add("<div><b>" + format + "</b>%s</div>", result.get(key), Html.escape(meaning));
  }

  private void pairs(List<PairGenerator.Pair> pairs) {
    page.append("<h2>Generated pairs</h2><div class=\"grid\">");
    for (PairGenerator.Pair pair : pairs) {
      add(
          "<figure>%s%s<figcaption>%s</figcaption></figure>",
          Html.image(pair.image(), pair.prompt().caption()),
          Html.image(Overlay.labels(pair.image(), pair.mask(), classes), "labels"),
          Html.escape(pair.prompt().caption()));
    }
    page.append("</div>");
  }

  private void scores(List<PairGenerator.Pair> pairs) {
    page.append("<h2>Scores of the classes</h2><div class=\"grid\">");
    for (PairGenerator.Pair pair : pairs.subList(0, Math.min(6, pairs.size()))) {
      Scores scores = pair.scores();
      int pixels = scores.width() * scores.height();
      page.append("<figure>");
      for (int k = 0; k < scores.labels().size(); k++) {
        float[] heat = Arrays.copyOfRange(scores.values(), k * pixels, (k + 1) * pixels);
        page.append(
            Html.image(
                Overlay.heat(pair.image(), heat),
                "scores of " + classes.words(scores.labels().get(k))));
      }
      add(
          "<figcaption>%s</figcaption></figure>",
          Html.escape(String.join(", ", scores.labels().stream().map(classes::words).toList())));
    }
    page.append("</div>");
  }

  private void classTable(EvaluationResult synthetic, EvaluationResult rendered) {
    page.append("<h2>IoU of each class</h2><table><tr><th>class</th><th>generated</th>")
        .append("<th>rendered</th><th></th></tr>");
    for (int label = 0; label < classes.size(); label++) {
      OptionalDouble s = synthetic.metrics().classes().get(label).iou();
      OptionalDouble r = rendered.metrics().classes().get(label).iou();
      add(
          "<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"bar\">%s%s</td></tr>",
          classes.name(label), percent(s), percent(r), bar(s, ""), bar(r, "r"));
    }
    page.append("</table>");
  }

  private static String percent(OptionalDouble fraction) {
    return fraction.isEmpty() ? "–" : text("%.1f", 100 * fraction.getAsDouble());
  }

  private static String bar(OptionalDouble fraction, String kind) {
    return text(
        "<div class=\"track\"><span class=\"%s\" style=\"width:%.1f%%\"></span></div>",
        kind, 100 * fraction.orElse(0));
  }

  private void predictions(List<LabelMap> synthetic, List<LabelMap> rendered) {
    page.append("<h2>Held-out scenes: image, ground truth, trained on generated, on rendered</h2>");
    page.append("<div class=\"grid\" style=\"grid-template-columns:repeat(auto-fill,540px)\">");
    for (int i = 0; i < synthetic.size(); i++) {
      BufferedImage image = test.image(i);
      page.append("<figure>")
          .append(Html.image(image, "scene " + test.ids().get(i)))
          .append(Html.image(Overlay.labels(image, test.mask(i), classes), "ground truth"))
          .append(
              Html.image(Overlay.labels(image, synthetic.get(i), classes), "trained on generated"))
          .append(
              Html.image(Overlay.labels(image, rendered.get(i), classes), "trained on rendered"))
          .append("</figure>");
    }
    page.append("</div>");
  }

  private void add(String format, Object... values) {
    page.append(text(format, values));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
