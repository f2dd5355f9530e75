package org.syntagen.server.job;

import java.nio.file.Path;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.dataset.InputException;
import org.syntagen.server.ServerFolder;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** Opens the archives of submissions. */
@Component
class Archives {
  private final ServerFolder folder;
  private final Submissions submissions;

  Archives(ServerFolder folder, Submissions submissions) {
    this.folder = folder;
    this.submissions = submissions;
  }

  /** Unpacks the archive of a submission; one that cannot be is rejected. */
  Optional<UnpackedZip> unpack(Submission submission, Path file, UnpackedZip.Bounds bounds) {
    try {
      return Optional.of(UnpackedZip.of(file, folder.work(), bounds));
    } catch (InputException e) {
      String message = e.getMessage().replace(file.toString(), "the archive");
      submissions.reject(submission, Reason.ARCHIVE_REFUSED, message, Optional.empty());
      return Optional.empty();
    }
  }
}
