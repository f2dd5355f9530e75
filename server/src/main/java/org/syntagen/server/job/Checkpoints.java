package org.syntagen.server.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.Competition;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.Models;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.SubmissionProgress;
import org.syntagen.server.submission.Submissions;

/** Runs the checkpoints of submissions over the private test images. */
@Component
class Checkpoints {
  // Four times DeepLabv3 with ResNet-101; what is read of a file lies in memory.
  private static final long MOST_BYTES = 1 << 30;

  private final Competition competition;
  private final Submissions submissions;
  private final Models models;
  private final ServerFolder folder;
  private final SubmissionProgress progress;

  Checkpoints(
      Competition competition,
      Submissions submissions,
      Models models,
      ServerFolder folder,
      SubmissionProgress progress) {
    this.competition = competition;
    this.submissions = submissions;
    this.models = models;
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * The predictions of a submission's checkpoint, one PNG an image; one that cannot be run, or is
   * not the one that the team committed to with its dataset, is rejected.
   */
  Optional<WorkFolder> predict(Submission submission, Path file, Dataset images) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new InputException(
            "the checkpoint has %d bytes; expected at most %d"
                .formatted(Files.size(file), MOST_BYTES));
      }
      String network = models.fingerprint(file);
      Optional<String> amiss =
          submissions
              .competing(submission.team())
              .map(dataset -> submissions.manifest(dataset).otherNetwork(network))
              .orElse(Optional.of("the team has no dataset any more that a network belongs to"));
      if (amiss.isPresent()) {
        submissions.reject(submission, Reason.NOT_AS_COMMITTED, amiss.get(), Optional.empty());
        return Optional.empty();
      }
      submissions.recordNetwork(submission, network);
      return Optional.of(
          predictions(file, images, done -> progress.set(submission, done, images.size())));
    } catch (InputException e) {
      String message = e.getMessage().replace(file.toString(), "the checkpoint");
      submissions.reject(submission, Reason.CHECKPOINT_REFUSED, message, Optional.empty());
      return Optional.empty();
    } catch (IOException e) {
      throw StorageException.of(file, e);
    } finally {
      progress.end(submission);
    }
  }

  /**
   * The predictions of a network.
   *
   * @param each receives how many images are done
   */
  WorkFolder predictions(Path checkpoint, Dataset images, IntConsumer each) {
    WorkFolder predictions = WorkFolder.in(folder);
    boolean whole = false;
    try {
      int[] done = {0};
      models.predict(
          checkpoint,
          competition.rules().training().model(),
          images,
          (id, labels) -> {
            write(labels, predictions.path().resolve(id + ".png"));
            each.accept(++done[0]);
          });
      whole = true;
      return predictions;
    } finally {
      if (!whole) {
        predictions.close();
      }
    }
  }

  private static void write(LabelMap labels, Path file) {
    try {
      labels.write(file);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
  }
}
