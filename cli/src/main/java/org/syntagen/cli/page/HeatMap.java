package org.syntagen.cli.page;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table of percentages whose cells are the darker the nearer they come to the highest. */
public final class HeatMap {
  private static final int FEW_COLUMNS = 12;

  private HeatMap() {}

  /**
   * The table as HTML.
   *
   * @param values (row, column), as fractions; NaN leaves a cell empty
   */
  public static String html(
      String corner, List<String> rows, List<String> columns, double[][] values) {
    double most =
        Arrays.stream(values)
            .flatMapToDouble(Arrays::stream)
            .filter(value -> value > 0)
            .max()
            .orElse(1);
    StringBuilder html =
        new StringBuilder("<div class=\"wide\"><table class=\"heat")
            .append(columns.size() > FEW_COLUMNS ? " turned" : "")
            .append("\"><tr><th>")
            .append(Html.escape(corner))
            .append("</th>");
    columns.forEach(name -> html.append("<th>").append(Html.escape(name)).append("</th>"));
    html.append("</tr>");
    for (int row = 0; row < rows.size(); row++) {
      html.append("<tr><td>").append(Html.escape(rows.get(row))).append("</td>");
      for (int column = 0; column < columns.size(); column++) {
        String title = Html.escape(rows.get(row) + ", " + columns.get(column));
        html.append(cell(title, values[row][column], most));
      }
      html.append("</tr>");
    }
    return html.append("</table></div>").toString();
  }

  private static String cell(String title, double value, double most) {
    if (Double.isNaN(value)) {
      return "<td></td>";
    }
    double shade = Math.max(0, value / most);
    return String.format(
        Locale.ROOT,
        "<td title=\"%s: %.2f %%\" style=\"background:rgba(22,104,199,%.2f)\">%.0f</td>",
        title,
        100 * value,
        0.8 * shade,
        100 * value);
  }
}
