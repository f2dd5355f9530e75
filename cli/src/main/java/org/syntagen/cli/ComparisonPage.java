package org.syntagen.cli;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.syntagen.cli.LabelComparison.Row;
import org.syntagen.cli.page.HeatMap;
import org.syntagen.cli.page.Html;
import org.syntagen.cli.page.Page;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;

/** The comparison of labelers: one page that needs no network. */
final class ComparisonPage {
  private final Dataset data;
  private final Page page = new Page("Labelers compared");

  ComparisonPage(Dataset data) {
    this.data = data;
  }

  String render(List<Row> rows, BufferedImage examples) {
    page.add(
        "<p>Masks of %d images against their exact masks, in percent. Each labeler's parameters"
            + " were chosen on other images. Void in a mask counts as background.</p>",
        data.size());
    table(rows);
    page.heading("The first images")
        .add("<p>Image, exact mask, and the labelers in the order of the table.</p>")
        .add("<div class=\"wide\">")
        .add(Html.image(examples, "labels side by side"))
        .add("</div>");
    classTable(rows);
    for (Row row : rows) {
      page.heading("Worst of " + row.calibrated().name()).add("<div class=\"grid\">");
      row.worst().forEach(index -> worst(row, index));
      page.add("</div>");
    }
    return page.html();
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
    page.add("<table><tr><th>labeler</th><th>mIoU</th><th>boundary IoU</th>")
        .add("<th>presence precision</th><th>recall</th><th>void</th><th>s an image</th></tr>");
    for (Row row : rows) {
      LabelQuality quality = row.quality();
      page.add(
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
    page.add("</table>");
  }

  private void classTable(List<Row> rows) {
    ClassSet classes = data.classes();
    double[][] iou = new double[classes.size()][rows.size()];
    for (int label = 0; label < classes.size(); label++) {
      for (int i = 0; i < rows.size(); i++) {
        iou[label][i] =
            rows.get(i).quality().metrics().classes().get(label).iou().orElse(Double.NaN);
      }
    }
    List<String> labelers = rows.stream().map(row -> row.calibrated().name()).toList();
    page.heading("IoU of each class").add(HeatMap.html("class", classes.names(), labelers, iou));
  }

  private void worst(Row row, int index) {
    BufferedImage image = data.image(index);
    page.add(
        "<figure>%s%s%s<figcaption>%s: image, exact mask, labels</figcaption></figure>",
        Html.image(image, "image"),
        Html.image(Overlay.labels(image, data.mask(index), data.classes()), "exact mask"),
        Html.image(Overlay.labels(image, row.shown().get(index), data.classes()), "labels"),
        Html.escape(data.ids().get(index)));
  }
}
