package org.syntagen.server.job;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.challenge.duplicates.NearDuplicates;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetStatistics;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.server.release.TestSet;
import org.syntagen.server.submission.DatasetReport;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.SubmissionProgress;
import org.syntagen.server.submission.Submissions;

/** Checks a dataset against the rules and the manifest that its team committed to. */
@Component
class DatasetJob {
  private static final int MOST_VIOLATIONS = 100;

  private final Competition competition;
  private final Submissions submissions;
  private final Archives archives;
  private final Galleries galleries;
  private final TestSet test;
  private final SubmissionProgress progress;

  DatasetJob(
      Competition competition,
      Submissions submissions,
      Archives archives,
      Galleries galleries,
      TestSet test,
      SubmissionProgress progress) {
    this.competition = competition;
    this.submissions = submissions;
    this.archives = archives;
    this.galleries = galleries;
    this.test = test;
    this.progress = progress;
  }

  void run(Submission submission) {
    UnpackedZip.Bounds bounds =
        new DatasetCheck(competition.rules()).bounds(competition.limits().maxUploadBytes());
    archives
        .unpack(submission, bounds)
        .ifPresent(
            archive -> {
              try (archive) {
                check(submission, DatasetCheck.root(archive.folder()));
              } finally {
                progress.end(submission);
              }
            });
  }

  private void check(Submission submission, Path folder) {
    try {
      Optional<Manifest> packed = SubmissionPackage.manifest(folder);
      if (!packed.equals(Optional.of(submissions.manifest(submission)))) {
        submissions.reject(
            submission,
            Reason.NOT_AS_COMMITTED,
            packed.isEmpty()
                ? "the archive has no manifest.json; expected what syntagen package writes"
                : "manifest.json in the archive is not the one that was committed to",
            Optional.empty());
        return;
      }
      CheckReport report =
          SubmissionPackage.check(
              folder, competition.rules(), (done, total) -> progress.set(submission, done, total));
      if (report.passed()) {
        accept(submission, Dataset.open(folder), report);
      } else {
        reject(submission, report);
      }
    } catch (InputException e) {
      String message = e.getMessage().replace(folder + "/", "");
      submissions.reject(submission, Reason.RULES_BROKEN, message, Optional.empty());
    }
  }

  private void reject(Submission submission, CheckReport report) {
    List<String> violations = report.violations();
    submissions.reject(
        submission,
        Reason.RULES_BROKEN,
        violations.size() == 1
            ? violations.get(0)
            : "%s, and %d violations more".formatted(violations.get(0), violations.size() - 1),
        Optional.of(
            new DatasetReport(
                report.samples().size(),
                report.found(),
                violations.subList(0, Math.min(MOST_VIOLATIONS, violations.size())),
                List.of(),
                List.of(),
                0)));
  }

  private void accept(Submission submission, Dataset dataset, CheckReport report) {
    ClassSet classes = competition.rules().classSet();
    DatasetStatistics.Tally tally = new DatasetStatistics.Tally(classes);
    for (int i = 0; i < dataset.size(); i++) {
      tally.add(LabelMap.read(dataset.maskFile(i), classes));
    }
    int gallery = galleries.sample(submission, dataset, classes);
    submissions.accept(
        submission,
        Optional.empty(),
        "%d pairs keep the rules and are those of the manifest".formatted(dataset.size()),
        new DatasetReport(
            dataset.size(),
            report.found(),
            List.of(),
            counts(tally.total()),
            copies(dataset),
            gallery));
  }

  private static List<DatasetReport.ClassCount> counts(DatasetStatistics statistics) {
    List<DatasetReport.ClassCount> counts = new ArrayList<>();
    for (int label = 0; label < statistics.classes().size(); label++) {
      long pixels = statistics.pixels().get(label);
      counts.add(
          new DatasetReport.ClassCount(
              statistics.classes().name(label),
              statistics.images().get(label),
              pixels,
              (double) pixels / statistics.totalPixels()));
    }
    return counts;
  }

  private List<String> copies(Dataset dataset) {
    return test.truth()
        .map(
            truth ->
                new NearDuplicates(truth)
                    .in(dataset).stream()
                        .limit(MOST_VIOLATIONS)
                        .map(
                            match ->
                                "%s is a copy of the test image %s (%s, %d bits differ)"
                                    .formatted(
                                        match.id(),
                                        match.original(),
                                        match.kind(),
                                        match.distance()))
                        .toList())
        .orElse(List.of());
  }
}
