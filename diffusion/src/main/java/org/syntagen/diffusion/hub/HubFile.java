package org.syntagen.diffusion.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.syntagen.dataset.AtomicFile;

/**
 * A file of a model as the hub lists it.
 *
 * @param path within the model, with / between folders
 * @param size in bytes
 */
record HubFile(String path, long size, Checksum checksum) {
  private static final int NAMED_DIGITS = 16;

  /** Where it stands in a folder when it is whole and checked. */
  Path in(Path folder) {
    return folder.resolve(path);
  }

  /** Where it grows; named after its content, so that no other content is ever added to it. */
  Path partIn(Path folder) {
    Path whole = in(folder);
    String start = checksum.hex().substring(0, NAMED_DIGITS);
    return whole.resolveSibling("." + whole.getFileName() + "." + start + AtomicFile.PART);
  }

  /** Whether a file on disk has its content; every byte is read. */
  boolean isAt(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) != size) {
      return false;
    }
    MessageDigest digest = checksum.digest(size);
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return checksum.matches(digest);
  }
}
