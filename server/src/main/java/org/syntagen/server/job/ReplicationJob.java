package org.syntagen.server.job;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.challenge.scoring.Predictions;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.challenge.verification.Evidence;
import org.syntagen.challenge.verification.Replication;
import org.syntagen.challenge.verification.Retraining;
import org.syntagen.dataset.Dataset;
import org.syntagen.server.Models;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.board.Entries;
import org.syntagen.server.release.TestSet;
import org.syntagen.server.replication.Rerun;
import org.syntagen.server.replication.Reruns;
import org.syntagen.server.store.FileStore;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.SubmissionProgress;
import org.syntagen.server.submission.Submissions;

/**
 * Makes drawn samples of a dataset again, and trains a network on it where that is wanted. What the
 * entry is to blame for is a verdict; where the platform fails, the verifier who waits for it is
 * told, and may begin again.
 */
@Component
class ReplicationJob {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationJob.class);
  private static final int MOST_ATTEMPTS = 3;

  private final Competition competition;
  private final Reruns reruns;
  private final Submissions submissions;
  private final Entries entries;
  private final TestSet test;
  private final FileStore files;
  private final Checkpoints checkpoints;
  private final Models models;
  private final ServerFolder folder;
  private final SubmissionProgress progress;

  ReplicationJob(
      Competition competition,
      Reruns reruns,
      Submissions submissions,
      Entries entries,
      TestSet test,
      FileStore files,
      Checkpoints checkpoints,
      Models models,
      ServerFolder folder,
      SubmissionProgress progress) {
    this.competition = competition;
    this.reruns = reruns;
    this.submissions = submissions;
    this.entries = entries;
    this.test = test;
    this.files = files;
    this.checkpoints = checkpoints;
    this.models = models;
    this.folder = folder;
    this.progress = progress;
  }

  /** Makes samples again, unless that is done already. */
  void run(UUID id) {
    reruns.begin(id).ifPresent(this::run);
  }

  private void run(Rerun rerun) {
    // One that was begun so often and never ended took the server down with it.
    if (rerun.attempts() > MOST_ATTEMPTS) {
      reruns.fail(rerun, "the server broke down over it; its log may tell why");
      return;
    }
    Submission dataset = submissions.get(rerun.submission());
    try {
      reruns.end(rerun, replication(rerun, dataset));
    } catch (RuntimeException e) {
      LOG.error("replication {} of submission {}", rerun.id(), dataset.id(), e);
      reruns.fail(rerun, "a fault of ours; the server's log tells more");
    } finally {
      progress.end(dataset);
    }
  }

  private Replication replication(Rerun rerun, Submission dataset) {
    Manifest manifest = submissions.manifest(dataset);
    UnpackedZip.Bounds bounds =
        new DatasetCheck(competition.rules()).bounds(competition.limits().maxUploadBytes());
    try (WorkFolder work = WorkFolder.in(folder);
        UnpackedZip archive =
            UnpackedZip.of(files.fetch(dataset.id(), work.path()), folder.work(), bounds);
        Models.Generation generation = models.generation(manifest, competition.rules())) {
      Path pairs = DatasetCheck.root(archive.folder());
      CheckReport report = SubmissionPackage.check(pairs, competition.rules(), (done, total) -> {});
      int samples = Math.min(manifest.pairs(), competition.tolerance().samples());
      int[] done = {0};
      Replication replication =
          Replication.of(
              report,
              pairs,
              manifest,
              rerun.publicSeed(),
              competition.tolerance(),
              Optional.empty(),
              id -> {
                Dataset.Pair pair = generation.pair(id);
                progress.set(dataset, ++done[0], samples);
                return pair;
              });
      if (rerun.retrain() && replication.verdict().passed()) {
        Retraining retraining = retraining(dataset, Dataset.open(pairs));
        replication = replication.with(retraining, competition.tolerance());
      }
      keep(rerun, replication, manifest);
      return replication;
    }
  }

  private Retraining retraining(Submission entry, Dataset pairs) {
    Dataset truth = test.truth().orElseThrow();
    Rules.Training rules = competition.rules().training();
    try (WorkFolder work = WorkFolder.in(folder)) {
      Path network = work.path().resolve("network.safetensors");
      models.train(pairs, rules, network, done -> progress.set(entry, done, rules.iterations()));
      try (WorkFolder predictions = checkpoints.predictions(network, truth, done -> {})) {
        return new Retraining(
            entries.byTeam().get(entry.team().id()).entry().recomputed().orElseThrow(),
            100 * Predictions.score(predictions.path(), truth).meanIou());
      }
    }
  }

  /** The evidence appears under its name only when whole. */
  private void keep(Rerun rerun, Replication replication, Manifest manifest) {
    try (WorkFolder part = WorkFolder.in(folder)) {
      Evidence.write(part.path(), replication, manifest, rerun.publicSeed());
      part.moveTo(folder.evidence(rerun.id()));
    }
  }
}
