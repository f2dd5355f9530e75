package org.syntagen.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The journal of one shard: a line for every finished sample, on the disk before {@link #append}
 * returns. A line is what {@code samples.jsonl} will hold. A process that is killed may leave a
 * torn last line, which is cut off when the shard is taken up again.
 *
 * <p>While open, the file is locked against a second writer of the same shard. Thread-safe.
 */
final class Journal implements AutoCloseable {
  static final String ENDING = ".jsonl";

  /** The longest line that is read, in bytes. */
  static final int MOST_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;

  private Journal(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens the journal of a shard for appending, creating it if need be.
   *
   * @throws InputException if another run writes this shard now
   * @throws IOException if the file cannot be opened
   */
  static Journal open(Path folder, Shard shard) throws IOException {
    Path file = folder.resolve(shard.number() + "-of-" + shard.of() + ENDING);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean opened = false;
    try {
      if (!lock(channel)) {
        throw new InputException(
            "shard %s of %s is being written by another run; wait for it or stop it"
                .formatted(shard, folder.getParent()));
      }
      channel.truncate(wholeLines(channel));
      channel.position(channel.size());
      opened = true;
      return new Journal(file, channel);
    } finally {
      if (!opened) {
        channel.close();
      }
    }
  }

  /**
   * Adds a line. After a failure the journal is as it was before.
   *
   * @throws IOException if the disk is full
   */
  synchronized void append(String line) throws IOException {
    long before = channel.position();
    boolean appended = false;
    try {
      ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
      appended = true;
    } finally {
      if (!appended) {
        channel.truncate(before);
      }
    }
  }

  boolean isOpen() {
    return channel.isOpen();
  }

  Path file() {
    return file;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * What all journals of a folder hold: the lines by the index of their sample. A torn last line is
   * passed over; of a sample that was written twice the last line counts.
   *
   * @throws InputException if a whole line is damaged or names a sample beyond {@code count}
   * @throws IOException if the folder cannot be listed
   */
  static Map<Integer, String> readAll(Path folder, int count) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files =
          listed.filter(path -> path.getFileName().toString().endsWith(ENDING)).sorted().toList();
    }
    Map<Integer, String> byIndex = new TreeMap<>();
    for (Path file : files) {
      List<String> lines = BoundedLines.read(file, MOST_BYTES, SampleId.BOUND).lines();
      for (int i = 0; i < lines.size(); i++) {
        String where = file + " line " + (i + 1);
        Sample sample = Sample.parse(lines.get(i), where);
        byIndex.put(index(sample.id(), count, where), lines.get(i));
      }
    }
    return byIndex;
  }

  private static int index(String id, int count, String where) {
    if (id.length() == 6 && id.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int index = Integer.parseInt(id);
      if (index < count) {
        return index;
      }
    }
    throw new InputException(
        "%s names sample %s, but the run has %d samples; remove the line"
            .formatted(where, id, count));
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** The length of the file up to and with its last line break. */
  private static long wholeLines(FileChannel channel) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(1 << 12);
    for (long end = channel.size(); end > 0; end -= block.capacity()) {
      long start = Math.max(0, end - block.capacity());
      block.clear().limit((int) (end - start));
      while (block.hasRemaining() && channel.read(block, start + block.position()) >= 0) {
        // Filling the block may take several reads.
      }
      for (int i = block.position() - 1; i >= 0; i--) {
        if (block.get(i) == '\n') {
          return start + i + 1;
        }
      }
    }
    return 0;
  }
}
