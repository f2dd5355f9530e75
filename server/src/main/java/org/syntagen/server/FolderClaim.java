package org.syntagen.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;

/** Keeps other servers out of a folder until it is closed, or its process ends. */
final class FolderClaim implements AutoCloseable {
  private final FileChannel channel;

  private FolderClaim(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Claims a folder, which is made if it is missing.
   *
   * @throws InputException if another server has it
   */
  static FolderClaim of(Path folder) {
    FileChannel channel = null;
    boolean claimed = false;
    try {
      Files.createDirectories(folder);
      channel =
          FileChannel.open(
              folder.resolve("server.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      claimed = lock(channel) != null;
      if (!claimed) {
        throw new InputException(
            folder + " is used by another server; stop that one, or choose another --folder");
      }
      return new FolderClaim(channel);
    } catch (IOException e) {
      throw StorageException.of(folder, e);
    } finally {
      if (!claimed) {
        close(channel);
      }
    }
  }

  private static FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // by this very process
    }
  }

  private static void close(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw StorageException.of(Path.of("server.lock"), e);
    }
  }

  @Override
  public void close() {
    close(channel);
  }
}
