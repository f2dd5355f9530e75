package org.syntagen.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.duplicates.NearDuplicates;
import org.syntagen.dataset.Dataset;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syntagen check}: a competition's rules on a dataset or package. */
@Command(
    name = "check",
    description = {
      "Check a dataset or package against a competition's rules, as its host does.",
      "Exit code 0 if it keeps them, 2 with a list of what does not."
    },
    footer = {
      "",
      "Example: before handing in",
      "  syntagen check pairs",
      "Example: a zip, by the rules of another competition",
      "  syntagen check entry.zip --competition competition.yaml"
    })
final class CheckDatasetCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "PATH",
      description =
          "Folder or zip with image/, mask/ and train.txt, or a VOC devkit; one wrapper folder is"
              + " accepted.")
  private Path path;

  @Mixin private CompetitionOptions options;

  @Option(
      names = "--unlike",
      paramLabel = "DATA",
      description = {
        "For organisers: dataset, such as the private test images, of which no image may be a"
            + " copy,",
        "resized, compressed or mirrored."
      })
  private Path unlike;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Competition competition = options.competition();
    try (CheckedDataset dataset = CheckedDataset.of(path, competition)) {
      CheckReport report = unlike == null ? dataset.report() : withCopies(dataset);
      if (json) {
        System.out.println(Json.line(summary(report)));
      } else {
        print(report);
        System.out.println(
            path
                + ": "
                + (report.passed() ? "keeps" : "violates")
                + " the rules of "
                + competition.title());
      }
      return report.passed() ? ExitCode.OK : ExitCode.USAGE;
    }
  }

  /** The report with every image that is a copy of one it must be unlike. */
  private CheckReport withCopies(CheckedDataset dataset) {
    CheckReport report = dataset.report();
    if (!report.passed()) {
      return report;
    }
    NearDuplicates originals = new NearDuplicates(Dataset.openImages(unlike, Dataset.DEFAULT_LIST));
    List<String> copies =
        originals.in(Dataset.open(dataset.folder())).stream()
            .map(
                match ->
                    "the image of %s is a copy of %s (%s, %d bits differ)"
                        .formatted(match.id(), match.original(), match.kind(), match.distance()))
            .toList();
    return new CheckReport(report.expected(), report.found(), copies, report.samples());
  }

  private Map<String, Object> summary(CheckReport report) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("path", path.toString());
    summary.put("passed", report.passed());
    summary.put("pairs", report.samples().size());
    summary.put("expected", report.expected());
    summary.put("found", report.found());
    summary.put("violations", report.violations());
    return summary;
  }

  /** What was expected and found, and each violation. */
  static void print(CheckReport report) {
    System.out.println("expected: " + report.expected());
    System.out.println("found:    " + report.found());
    report.violations().forEach(violation -> System.out.println("- " + violation));
  }
}
