package org.syntagen.server.upload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import org.syntagen.dataset.Fingerprint;

/** A file that grows part by part. */
final class PartFile {
  private static final int BUFFER = 1 << 16;

  private PartFile() {}

  /** The bytes of a part are not those that its sender has hashed. */
  static final class WrongDigest extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** A part goes beyond the file's end. */
  static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Writes a part at an offset, in place of whatever lies from there on, and to the disk. Should
   * the sender break off, what came stays, unless its digest was to be checked.
   *
   * @param most how many bytes may come
   * @param sha256 the digest of the part, if the sender told it
   * @return how many bytes were added
   */
  static long append(Path file, long offset, InputStream part, long most, Optional<byte[]> sha256)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.truncate(offset).position(offset);
      MessageDigest digest = Fingerprint.sha256();
      long added;
      try {
        added = copy(part, channel, most, digest);
      } catch (TooLong e) {
        channel.truncate(offset);
        throw e;
      } catch (IOException e) {
        if (sha256.isPresent()) {
          throw e;
        }
        added = channel.position() - offset;
      }
      if (sha256.isPresent() && !MessageDigest.isEqual(sha256.get(), digest.digest())) {
        channel.truncate(offset);
        throw new WrongDigest();
      }
      channel.force(true);
      return added;
    }
  }

  private static long copy(InputStream part, FileChannel channel, long most, MessageDigest digest)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    long added = 0;
    for (int n = part.read(buffer); n >= 0; n = part.read(buffer)) {
      if (added + n > most) {
        throw new TooLong();
      }
      digest.update(buffer, 0, n);
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      added += n;
    }
    return added;
  }
}
