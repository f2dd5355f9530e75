package org.syntagen.cli.page;

import java.util.List;
import java.util.Locale;

/** Line charts as SVG text. */
public final class LineChart {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 240;
  private static final int MARGIN = 44;
  private static final List<String> COLORS =
      List.of("#1668c7", "#c2410c", "#15803d", "#7e22ce", "#a16207");

  private LineChart() {}

  /** The colour of a series by its position. */
  static String color(int series) {
    return COLORS.get(series % COLORS.size());
  }

  /**
   * @param points pairs of x and y, x ascending
   */
  public record Series(String name, List<double[]> points) {}

  /** A chart of some series over common axes, y from 0. */
  public static String svg(String title, List<Series> series) {
    double maxX = 1;
    double maxY = 1e-9;
    for (Series each : series) {
      for (double[] point : each.points) {
        maxX = Math.max(maxX, point[0]);
        maxY = Math.max(maxY, point[1]);
      }
    }
    StringBuilder svg = new StringBuilder();
    svg.append(
        text(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img'"
                + " aria-label='%s' font-family='sans-serif' font-size='11'>",
            WIDTH, HEIGHT, Html.escape(title)));
    double bottom = HEIGHT - MARGIN / 2.0;
    svg.append(
        text("<path d='M%d 10V%.0fH%d' fill='none' stroke='#888'/>", MARGIN, bottom, WIDTH - 10));
    svg.append(text("<text x='4' y='16' fill='#666'>%.3g</text>", maxY));
    svg.append(text("<text x='4' y='%.0f' fill='#666'>0</text>", bottom));
    svg.append(
        text(
            "<text x='%d' y='%d' fill='#666' text-anchor='end'>%.0f</text>",
            WIDTH - 10, HEIGHT - 6, maxX));
    for (int i = 0; i < series.size(); i++) {
      String color = color(i);
      StringBuilder path = new StringBuilder();
      for (double[] point : series.get(i).points) {
        double x = MARGIN + point[0] / maxX * (WIDTH - 10 - MARGIN);
        double y = bottom - point[1] / maxY * (bottom - 10);
        path.append(text("%s%.1f %.1f", path.isEmpty() ? "M" : "L", x, y));
      }
      svg.append(text("<path d='%s' fill='none' stroke='%s' stroke-width='1.5'/>", path, color));
      svg.append(
          text(
              "<text x='%d' y='%d' fill='%s' text-anchor='end'>%s</text>",
              WIDTH - 14, 22 + 14 * i, color, Html.escape(series.get(i).name)));
    }
    return svg.append("</svg>").toString();
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
