package org.syntagen.server.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.release.ReleaseKey;
import org.syntagen.challenge.release.TestRelease;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.ServerFolder;

/**
 * The private test images of a competition, where it has them already.
 *
 * @param truth images and masks
 * @param release their sealed images
 * @param sealed the file of these
 */
public record TestSet(Optional<Dataset> truth, Optional<TestRelease> release, Path sealed) {
  private static final String KEY = "release/test.key";

  /** Opens the folder's test images and seals them where that has not been done. */
  public static TestSet open(ServerFolder folder) {
    Path sealed = folder.release().resolve("test.sealed");
    if (!Files.exists(folder.test())) {
      return new TestSet(Optional.empty(), Optional.empty(), sealed);
    }
    Dataset truth = Dataset.open(folder.test());
    Path announcement = folder.release().resolve("announcement.json");
    try {
      if (!Files.exists(announcement)) {
        Files.deleteIfExists(folder.path().resolve(KEY)); // of a start that broke off
        TestRelease release = TestRelease.seal(truth, sealed);
        folder.secret(KEY, () -> release.key().toHex());
        AtomicFile.writeText(
            announcement, Documents.toCanonicalJson(release.announcement()) + "\n");
      }
    } catch (IOException e) {
      throw StorageException.of(announcement, e);
    }
    TestRelease release =
        new TestRelease(
            Documents.fromJson(
                Documents.text(announcement),
                TestRelease.Announcement.class,
                announcement.toString()),
            ReleaseKey.parse(folder.secret(KEY, () -> "")));
    return new TestSet(Optional.of(truth), Optional.of(release), sealed);
  }

  /** The key of the sealed images, once the test phase has begun. */
  Optional<ReleaseKey> key(Phase test, Clock clock) {
    return release.flatMap(release -> release.releasedKey(test, clock));
  }
}
