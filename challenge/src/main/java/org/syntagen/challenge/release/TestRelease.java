package org.syntagen.challenge.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.submission.ReproducibleZip;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.StorageException;

/**
 * The private test images, sealed. Masks are never part of them.
 *
 * @param announcement what everybody may know before the deadline
 * @param key what nobody may know before it
 */
public record TestRelease(Announcement announcement, ReleaseKey key) {
  /**
   * What is published beforehand. Together the hashes fix the images: neither file nor key can be
   * exchanged later.
   *
   * @param fileHash SHA-256 of the sealed file
   * @param bytes its size
   * @param keyHash {@link ReleaseKey#hash}
   * @param images how many images there are
   */
  public record Announcement(String fileHash, long bytes, String keyHash, int images) {}

  /**
   * Seals the images of a dataset, as a zip of {@code image/} and {@code test.txt}, with a new key.
   *
   * @param sealed the file to write
   * @throws StorageException if it cannot be written
   */
  public static TestRelease seal(Dataset dataset, Path sealed) {
    ReleaseKey key = ReleaseKey.generate();
    SealedFile.seal(sealed, key, out -> zip(dataset, new ReproducibleZip(out)));
    try {
      return new TestRelease(
          new Announcement(
              Fingerprint.ofFile(sealed), Files.size(sealed), key.hash(), dataset.size()),
          key);
    } catch (IOException e) {
      throw StorageException.of(sealed, e);
    }
  }

  private static void zip(Dataset dataset, ReproducibleZip zip) throws IOException {
    zip.add("test.txt", String.join("\n", dataset.ids()) + "\n");
    for (int i = 0; i < dataset.size(); i++) {
      Path image = dataset.imageFile(i);
      zip.add("image/" + image.getFileName(), image);
    }
    zip.finish();
  }

  /** The key, from the start of the test phase on. */
  public Optional<ReleaseKey> releasedKey(Phase test, Clock clock) {
    return clock.instant().isBefore(test.start()) ? Optional.empty() : Optional.of(key);
  }
}
