package org.syntagen.server.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.scoring.Predictions;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Metrics;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.release.TestSet;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.ScoreReport;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** Scores predictions for the private test images, a team's own or those of its checkpoint. */
@Component
class ScoreJob {
  private final Submissions submissions;
  private final Archives archives;
  private final Checkpoints checkpoints;
  private final TestSet test;

  ScoreJob(Submissions submissions, Archives archives, Checkpoints checkpoints, TestSet test) {
    this.submissions = submissions;
    this.archives = archives;
    this.checkpoints = checkpoints;
    this.test = test;
  }

  void run(Submission submission, Path file) {
    Dataset truth =
        test.truth()
            .orElseThrow(() -> new IllegalStateException("the server has no test images yet"));
    Claim claim = submissions.claim(submission);
    if (!claim.fileHash().equals(hash(file))) {
      submissions.reject(
          submission,
          Reason.NOT_AS_COMMITTED,
          "the file has another SHA-256 than the one that was committed to",
          Optional.empty());
    } else if (claim.kind() == Claim.Kind.CHECKPOINT) {
      checkpoints
          .predict(submission, file, truth)
          .ifPresent(
              folder -> {
                try (folder) {
                  score(submission, folder.path(), truth);
                }
              });
    } else {
      archives
          .unpack(submission, file, Predictions.bounds(truth))
          .ifPresent(
              archive -> {
                try (archive) {
                  score(submission, DatasetCheck.root(archive.folder()), truth);
                }
              });
    }
  }

  private void score(Submission submission, Path predictions, Dataset truth) {
    Metrics metrics;
    try {
      metrics = Predictions.score(predictions, truth);
    } catch (InputException e) {
      submissions.reject(submission, Reason.PREDICTIONS_REFUSED, e.getMessage(), Optional.empty());
      return;
    }
    double miou = 100 * metrics.meanIou();
    submissions.accept(
        submission,
        Optional.of(miou),
        "%d predictions scored: mIoU %.2f".formatted(truth.size(), miou),
        new ScoreReport(truth.size(), miou, classes(metrics)));
  }

  private static List<ScoreReport.ClassIou> classes(Metrics metrics) {
    return metrics.classes().stream()
        .filter(score -> score.iou().isPresent())
        .map(score -> new ScoreReport.ClassIou(score.name(), 100 * score.iou().getAsDouble()))
        .toList();
  }

  private static String hash(Path file) {
    try {
      return Fingerprint.ofFile(file);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
  }
}
