package org.syntagen.dataset;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files that appear under their final name only when whole: the content goes to a temporary file in
 * the same folder, reaches the disk, and is then moved over the name in one step. When writing
 * fails, what stood under the name before still stands there and the temporary file is removed.
 */
public final class AtomicFile {
  /** The ending of the temporary files; a process that is killed may leave one behind. */
  public static final String PART = ".part";

  private static final AtomicLong SERIAL = new AtomicLong();

  /** Writes a file's content to a stream. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of the content; it must not close the stream. */
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes the content under {@code target}, replacing a file of that name.
   *
   * @throws IOException if the folder is missing or full, or the content fails
   */
  public static void write(Path target, Content content) throws IOException {
    Path name = target.getFileName();
    Path part =
        target.resolveSibling(
            "."
                + name
                + "."
                + ProcessHandle.current().pid()
                + "-"
                + SERIAL.getAndIncrement()
                + PART);
    boolean moved = false;
    try {
      try (FileChannel channel =
              FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      moved = true;
    } finally {
      if (!moved) {
        Files.deleteIfExists(part);
      }
    }
  }

  /** Writes text in UTF-8 under {@code target}; see {@link #write}. */
  public static void writeText(Path target, String text) throws IOException {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
