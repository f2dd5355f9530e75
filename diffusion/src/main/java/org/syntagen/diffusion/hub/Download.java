package org.syntagen.diffusion.hub;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.LongConsumer;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;
import org.syntagen.diffusion.hub.HubConnection.Answer;

/**
 * A file on its way from a hub to disk. It grows under another name and goes on where an earlier
 * download stopped, what lies there being hashed again; only with the right checksum it gets its
 * own name.
 */
final class Download implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final Hub hub;
  private final URI source;
  private final HubFile file;
  private final Path part;
  private final LongConsumer progress;
  private final FileChannel channel;
  private MessageDigest digest;
  private long position;

  private Download(Hub hub, URI source, HubFile file, Path part, LongConsumer progress)
      throws IOException {
    this.hub = hub;
    this.source = source;
    this.file = file;
    this.part = part;
    this.progress = progress;
    this.digest = file.checksum().digest(file.size());
    this.channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * Fetches a file whole.
   *
   * @param folder of the model
   * @param progress told how many bytes of the file there are, again and again
   * @throws HubException if the net or the hub fails; what came so far stays for the next time
   * @throws StorageException if the disk fails
   */
  static void fetch(Hub hub, URI source, HubFile file, Path folder, LongConsumer progress) {
    Path target = file.in(folder);
    Path part = file.partIn(folder);
    try {
      Files.createDirectories(target.getParent());
      try (Download download = new Download(hub, source, file, part, progress)) {
        download.lock();
        download.finish();
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw StorageException.of(target, e);
    }
  }

  private void lock() throws IOException {
    boolean free;
    try {
      free = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      free = false;
    }
    if (!free) {
      throw new InputException(part + ": another download writes it; wait until that has ended");
    }
  }

  /** Bytes that went wrong unnoticed are fetched a second time, but not a third. */
  private void finish() throws IOException {
    takeUp();
    receive();
    if (!file.checksum().matches(digest)) {
      restart();
      receive();
      if (!file.checksum().matches(digest)) {
        Files.delete(part);
        throw new HubException(
            ("%s: what arrives is damaged (it has not the checksum that the hub lists, twice); run"
                    + " the command again later or give another --hub")
                .formatted(source));
      }
    }
    channel.force(true);
  }

  /** Hashes what an earlier download left. */
  private void takeUp() throws IOException {
    if (channel.size() > file.size()) {
      restart();
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    while (channel.read(buffer) >= 0) {
      digest.update(buffer.flip());
      buffer.clear();
    }
    position = channel.position();
    progress.accept(position);
  }

  private void restart() {
    try {
      channel.truncate(0).position(0);
    } catch (IOException e) {
      throw StorageException.of(part, e);
    }
    digest = file.checksum().digest(file.size());
    position = 0;
  }

  private void receive() {
    hub.retry()
        .run(
            file.path(),
            () -> position,
            () -> {
              attempt();
              return null;
            });
  }

  /** Receives as much as comes; an {@link IOException} is the net's. */
  private void attempt() throws IOException {
    if (position == file.size()) {
      return;
    }
    try (Answer answer = hub.connection().get(source, file.path(), position)) {
      if (answer.start() != position) {
        restart();
        if (answer.start() != 0) {
          throw new IOException("another part of the file came than was asked for");
        }
      }
      copy(answer.body());
    }
  }

  private void copy(InputStream in) throws IOException {
    byte[] buffer = new byte[BUFFER];
    while (position < file.size()) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, file.size() - position));
      if (n < 0) {
        throw new EOFException("it ended after %d of %d bytes".formatted(position, file.size()));
      }
      write(ByteBuffer.wrap(buffer, 0, n));
      digest.update(buffer, 0, n);
      position += n;
      progress.accept(position);
    }
  }

  private void write(ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw StorageException.of(part, e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
