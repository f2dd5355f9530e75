package org.syntagen.dataset;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps two writers of one folder apart for the moments in which they touch common files, whether
 * they are threads or processes. The file stays behind; it carries no content.
 */
final class FolderLock implements AutoCloseable {
  // File locks belong to the whole process, so threads need a lock of their own.
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until no one else holds the lock.
   *
   * @throws IOException if the file cannot be created; a missing folder counts as that
   */
  static FolderLock acquire(Path file) throws IOException {
    THREADS.lock();
    FileChannel channel = null;
    boolean locked = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.lock();
      locked = true;
      return new FolderLock(channel);
    } finally {
      if (!locked) {
        if (channel != null) {
          channel.close();
        }
        THREADS.unlock();
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      THREADS.unlock();
    }
  }
}
