package org.syntagen.server.job;

import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.Phase;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.store.FileStore;
import org.syntagen.server.submission.State;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** Looks at a submission until it is decided. */
@Component
class SubmissionJob {
  private static final Logger LOG = LoggerFactory.getLogger(SubmissionJob.class);
  private static final int MOST_ATTEMPTS = 3;

  private final Submissions submissions;
  private final DatasetJob datasets;
  private final ScoreJob scores;
  private final FileStore files;
  private final ServerFolder folder;

  SubmissionJob(
      Submissions submissions,
      DatasetJob datasets,
      ScoreJob scores,
      FileStore files,
      ServerFolder folder) {
    this.submissions = submissions;
    this.datasets = datasets;
    this.scores = scores;
    this.files = files;
    this.folder = folder;
  }

  /**
   * Looks at a submission, unless it is decided already; the file of a rejected one is deleted.
   *
   * @throws RuntimeException if the platform fails and the job should be begun again
   */
  void run(UUID id) {
    files.keep(id); // tried until it succeeds: that is no attempt at the submission itself
    submissions.begin(id).ifPresent(this::run);
    // Here, too, if an earlier attempt was killed after its decision.
    Submission decided = submissions.get(id);
    if (decided.state() == State.REJECTED) {
      files.delete(id);
    }
  }

  private void run(Submission submission) {
    // One that was begun so often and never ended took the server down with it.
    if (submission.attempts() > MOST_ATTEMPTS) {
      submissions.fail(submission, "the server broke down over it; organisers will look at it");
      return;
    }
    try (WorkFolder work = WorkFolder.in(folder)) {
      Path file = files.fetch(submission.id(), work.path());
      if (submission.kind() == Phase.Kind.DATASET) {
        datasets.run(submission, file);
      } else {
        scores.run(submission, file);
      }
    } catch (RuntimeException e) {
      LOG.error("submission {}, attempt {}", submission.id(), submission.attempts(), e);
      if (submission.attempts() < MOST_ATTEMPTS) {
        submissions.retry(submission, "a fault of ours; it will be tried again in a moment");
        throw e;
      }
      submissions.fail(
          submission, "a fault of ours, three times; it costs you nothing, organisers will look");
    }
  }
}
