package org.syntagen.cli;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.syntagen.cli.LabelComparison.Row;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;

/** The comparison of labelers: one page that needs no network. */
final class ComparisonPage {
  private static final String STYLE =
      """
      :root{color-scheme:light dark}
      body{font:15px/1.5 system-ui,sans-serif;max-width:1080px;margin:2rem auto;padding:0 1rem}
      h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem}
      table{border-collapse:collapse;width:100%}
      td,th{padding:.15rem .6rem;text-align:right}td:first-child,th:first-child{text-align:left}
      tr.best td{font-weight:bold}
      .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(400px,1fr));gap:1rem}
      .wide{overflow-x:auto}figure{margin:0}figcaption{font-size:.85rem;opacity:.85}
      img{border-radius:3px;margin-right:2px}
      """;

  private final Dataset data;
  private final StringBuilder page = new StringBuilder();

  ComparisonPage(Dataset data) {
    this.data = data;
  }

  String render(List<Row> rows, BufferedImage examples) {
    page.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\">")
        .append("<title>Labelers compared</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>Labelers compared</h1>");
    add(
        "<p>Masks of %d images against their exact masks, in percent. Each labeler's parameters"
            + " were chosen on other images. Void in a mask counts as background.</p>",
        data.size());
    table(rows);
    page.append("<h2>The first images</h2><p>Image, exact mask, and the labelers in the order of")
        .append(" the table.</p><div class=\"wide\">")
        .append(Html.image(examples, "labels side by side"))
        .append("</div>");
    classTable(rows);
    for (Row row : rows) {
      add("<h2>Worst of %s</h2><div class=\"grid\">", Html.escape(row.calibrated().name()));
      row.worst().forEach(index -> worst(row, index));
      page.append("</div>");
    }
    return page.append("</body></html>\n").toString();
  }

  /** The first images: image, exact mask, and the labels of each row, an image a line. */
  BufferedImage examples(List<Row> rows) {
    int count = Math.min(LabelComparison.SHOWN, data.size());
    int width = data.image(0).getWidth();
    int height = data.image(0).getHeight();
    BufferedImage sheet =
        new BufferedImage((rows.size() + 2) * width, count * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    for (int i = 0; i < count; i++) {
      BufferedImage image = data.image(i);
      List<BufferedImage> line = new ArrayList<>(List.of(image));
      line.add(Overlay.labels(image, data.mask(i), data.classes()));
      for (Row row : rows) {
        line.add(Overlay.labels(image, row.shown().get(i), data.classes()));
      }
      for (int column = 0; column < line.size(); column++) {
        graphics.drawImage(line.get(column), column * width, i * height, width, height, null);
      }
    }
    graphics.dispose();
    return sheet;
  }

  private void table(List<Row> rows) {
    double most = rows.stream().mapToDouble(row -> row.quality().meanIou()).max().orElse(0);
    page.append("<table><tr><th>labeler</th><th>mIoU</th><th>boundary IoU</th>")
        .append("<th>presence precision</th><th>recall</th><th>void</th><th>s an image</th></tr>");
    for (Row row : rows) {
      LabelQuality quality = row.quality();
      add(
          "<tr%s><td>%s</td><td>%.2f</td><td>%.2f</td><td>%.1f</td><td>%.1f</td><td>%.1f</td>"
              + "<td>%.2f</td></tr>",
          quality.meanIou() == most ? " class=\"best\"" : "",
          Html.escape(row.calibrated().name()),
          quality.meanIou(),
          quality.boundaryIou(),
          quality.presencePrecision(),
          quality.presenceRecall(),
          quality.voidShare(),
          row.secondsAnImage());
    }
    page.append("</table>");
  }

  private void classTable(List<Row> rows) {
    page.append("<h2>IoU of each class</h2><table><tr><th>class</th>");
    rows.forEach(row -> add("<th>%s</th>", Html.escape(row.calibrated().name())));
    page.append("</tr>");
    ClassSet classes = data.classes();
    for (int label = 0; label < classes.size(); label++) {
      add("<tr><td>%s</td>", classes.name(label));
      for (Row row : rows) {
        var iou = row.quality().metrics().classes().get(label).iou();
        add("<td>%s</td>", iou.isPresent() ? "%.1f".formatted(100 * iou.getAsDouble()) : "");
      }
      page.append("</tr>");
    }
    page.append("</table>");
  }

  private void worst(Row row, int index) {
    BufferedImage image = data.image(index);
    add(
        "<figure>%s%s%s<figcaption>%s: image, exact mask, labels</figcaption></figure>",
        Html.image(image, "image"),
        Html.image(Overlay.labels(image, data.mask(index), data.classes()), "exact mask"),
        Html.image(Overlay.labels(image, row.shown().get(index), data.classes()), "labels"),
        Html.escape(data.ids().get(index)));
  }

  private void add(String format, Object... arguments) {
    page.append(String.format(Locale.ROOT, format, arguments));
  }
}
