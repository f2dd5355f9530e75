package org.syntagen.cli.page;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A table of percentages with bars. */
public final class Bars {
  private Bars() {}

  /**
   * A line of the table.
   *
   * @param values 0 to 1, one a series; an empty one is shown as a dash
   */
  public record Row(String name, List<OptionalDouble> values) {}

  /** The table as HTML. */
  public static String html(String corner, List<String> series, List<Row> rows) {
    StringBuilder html = new StringBuilder("<table><tr><th>" + Html.escape(corner) + "</th>");
    series.forEach(name -> html.append("<th>").append(Html.escape(name)).append("</th>"));
    html.append("<th></th></tr>");
    for (Row row : rows) {
      html.append("<tr><td>").append(Html.escape(row.name)).append("</td>");
      row.values.forEach(value -> html.append("<td>").append(percent(value)).append("</td>"));
      html.append("<td class=\"bar\">");
      for (int i = 0; i < row.values.size(); i++) {
        html.append(
            String.format(
                Locale.ROOT,
                "<div class=\"track\"><span style=\"width:%.1f%%;background:%s\"></span></div>",
                100 * row.values.get(i).orElse(0),
                LineChart.color(i)));
      }
      html.append("</td></tr>");
    }
    return html.append("</table>").toString();
  }

  private static String percent(OptionalDouble value) {
    return value.isEmpty() ? "–" : String.format(Locale.ROOT, "%.1f", 100 * value.getAsDouble());
  }
}
