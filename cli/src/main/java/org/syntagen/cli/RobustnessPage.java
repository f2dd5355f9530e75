package org.syntagen.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.syntagen.cli.page.HeatMap;
import org.syntagen.cli.page.Html;
import org.syntagen.cli.page.LineChart;
import org.syntagen.cli.page.Page;
import org.syntagen.segmentation.robustness.Attack;
import org.syntagen.segmentation.robustness.Corruption;
import org.syntagen.segmentation.robustness.RobustnessResult;

/** Several networks on clean, corrupted and attacked images: a page that needs no network. */
final class RobustnessPage {
  private RobustnessPage() {}

  /**
   * A measured network.
   *
   * @param report file name of its own page
   */
  record Run(String name, String report, RobustnessResult result) {}

  static String html(List<Run> runs, int images) {
    Page page = new Page("Robustness");
    page.add(
        "<p>mIoU in percent on %d images: as they are, the mean over 15 corruptions and 5"
            + " severities, under attacks of 8 levels, and before other backgrounds. AUROC: how"
            + " well energies tell these images from unfamiliar ones.</p>",
        images);
    table(page, runs);
    page.heading("mIoU by severity").add(severities(runs));
    Corruption[] corruptions = Corruption.values();
    double[][] lost = new double[corruptions.length][runs.size()];
    for (int i = 0; i < corruptions.length; i++) {
      for (int run = 0; run < runs.size(); run++) {
        RobustnessResult result = runs.get(run).result;
        lost[i][run] = result.degradation(result.mean(corruptions[i]));
      }
    }
    page.heading("Relative degradation")
        .add("<p>The part of the clean mIoU that each corruption takes, in percent.</p>")
        .add(
            HeatMap.html(
                "corruption",
                Arrays.stream(corruptions).map(Corruption::id).toList(),
                runs.stream().map(Run::name).toList(),
                lost));
    return page.html();
  }

  private static void table(Page page, List<Run> runs) {
    page.add("<table><tr><th>network</th><th>clean</th><th>corrupted</th><th>lost, %</th>");
    Attack.ALL.forEach(attack -> page.add("<th>%s</th>", Html.escape(attack.id())));
    page.add("<th>background</th><th>AUROC</th></tr>");
    for (Run run : runs) {
      RobustnessResult result = run.result;
      page.add(
          "<tr><td><a href=\"%s\">%s</a></td><td>%.2f</td><td>%.2f</td><td>%.1f</td>",
          run.report,
          Html.escape(run.name),
          100 * result.cleanMiou(),
          100 * result.mean(),
          100 * result.degradation(result.mean()));
      for (Map.Entry<String, Double> attack : result.attacked().entrySet()) {
        page.add("<td>%.2f</td>", 100 * attack.getValue());
      }
      page.add(
          "<td>%s</td><td>%s</td></tr>",
          percent(result.swapped()),
          percent(result.unfamiliar().map(scores -> scores.energy().auroc())));
    }
    page.add("</table>");
  }

  private static String percent(Optional<Double> fraction) {
    return fraction.map(value -> String.format(Locale.ROOT, "%.2f", 100 * value)).orElse("–");
  }

  private static String severities(List<Run> runs) {
    List<LineChart.Series> series = new ArrayList<>();
    for (Run run : runs) {
      List<double[]> points = new ArrayList<>();
      points.add(new double[] {0, 100 * run.result.cleanMiou()});
      for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
        int index = severity - 1;
        double mean =
            run.result.corrupted().values().stream()
                .mapToDouble(miou -> miou.get(index))
                .average()
                .orElseThrow();
        points.add(new double[] {severity, 100 * mean});
      }
      series.add(new LineChart.Series(run.name, points));
    }
    return LineChart.svg("mIoU by severity", series);
  }
}
