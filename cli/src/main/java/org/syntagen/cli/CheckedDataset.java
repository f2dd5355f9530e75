package org.syntagen.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.challenge.submission.SubmissionPackage;

/**
 * A dataset or package, folder or zip, with what the rules say of it. A zip lies unpacked beside
 * the system's temporary files until this is closed.
 */
final class CheckedDataset implements AutoCloseable {
  private final UnpackedZip unpacked; // null for a folder
  private final Path folder;
  private final CheckReport report;

  private CheckedDataset(UnpackedZip unpacked, Path folder, CheckReport report) {
    this.unpacked = unpacked;
    this.folder = folder;
    this.report = report;
  }

  static CheckedDataset of(Path path, Competition competition) {
    DatasetCheck check = new DatasetCheck(competition.rules());
    UnpackedZip unpacked = null;
    boolean checked = false;
    try {
      if (Files.isRegularFile(path)) {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        unpacked =
            UnpackedZip.of(path, temporary, check.bounds(competition.limits().maxUploadBytes()));
      }
      Path folder = DatasetCheck.root(unpacked == null ? path : unpacked.folder());
      CheckReport report = check(folder, competition.rules());
      checked = true;
      return new CheckedDataset(unpacked, folder, report);
    } finally {
      if (!checked && unpacked != null) {
        unpacked.close();
      }
    }
  }

  private static CheckReport check(Path folder, Rules rules) {
    AtomicReference<Progress> progress = new AtomicReference<>();
    try {
      return SubmissionPackage.check(
          folder,
          rules,
          (done, total) -> {
            progress.compareAndSet(null, new Progress("pairs", total));
            progress.get().step();
          });
    } finally {
      if (progress.get() != null) {
        progress.get().close();
      }
    }
  }

  /** The folder that holds image/ and mask/ or the like. */
  Path folder() {
    return folder;
  }

  CheckReport report() {
    return report;
  }

  @Override
  public void close() {
    if (unpacked != null) {
      unpacked.close();
    }
  }
}
