package org.syntagen.server.job;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.challenge.duplicates.NearDuplicates;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetStatistics;
import org.syntagen.dataset.Fingerprint;
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
  private final Supplier<Optional<NearDuplicates>> originals;
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
    this.originals = SingletonSupplier.of(() -> test.truth().map(NearDuplicates::new));
    this.progress = progress;
  }

  void run(Submission submission, Path file) {
    UnpackedZip.Bounds bounds =
        new DatasetCheck(competition.rules()).bounds(competition.limits().maxUploadBytes());
    archives
        .unpack(submission, file, bounds)
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
      Look look = new Look(submission);
      CheckReport report = SubmissionPackage.check(folder, competition.rules(), look);
      if (report.passed()) {
        accept(submission, Dataset.open(folder), report, look);
      } else {
        reject(submission, report);
      }
    } catch (InputException e) {
      String message = DatasetCheck.relative(folder, e.getMessage());
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

  private void accept(Submission submission, Dataset dataset, CheckReport report, Look look) {
    int gallery = galleries.sample(submission, dataset, competition.rules().classSet());
    submissions.accept(
        submission,
        Optional.empty(),
        "%d pairs keep the rules and are those of the manifest".formatted(dataset.size()),
        new DatasetReport(
            dataset.size(),
            report.found(),
            List.of(),
            counts(look.tally.total()),
            copies(look.copies),
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

  private static List<String> copies(Collection<NearDuplicates.Match> copies) {
    return copies.stream()
        .sorted(Comparator.comparing(NearDuplicates.Match::id))
        .limit(MOST_VIOLATIONS)
        .map(
            match ->
                "%s is a copy of the test image %s (%s, %d bits differ)"
                    .formatted(match.id(), match.original(), match.kind(), match.distance()))
        .toList();
  }

  /** What is learnt of the pairs while they are checked, in one pass over them. */
  private final class Look implements DatasetCheck.Listener {
    private final Submission submission;
    private final DatasetStatistics.Tally tally =
        new DatasetStatistics.Tally(competition.rules().classSet());
    private final Queue<NearDuplicates.Match> copies = new ConcurrentLinkedQueue<>();

    private Look(Submission submission) {
      this.submission = submission;
    }

    @Override
    public void looked(int done, int total) {
      progress.set(submission, done, total);
    }

    @Override
    public void read(Fingerprint.Entry hashes, BufferedImage image, LabelMap mask) {
      synchronized (tally) {
        tally.add(mask);
      }
      originals
          .get()
          .flatMap(known -> known.match(hashes.id(), hashes.imageHash(), image))
          .ifPresent(copies::add);
    }
  }
}
