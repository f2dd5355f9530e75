package org.syntagen.server.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.ServerFolder;

/**
 * A folder of a job's own, removed when it is closed unless it was moved.
 *
 * @param path an existing folder
 */
record WorkFolder(Path path) implements AutoCloseable {
  /** Makes an empty one. */
  static WorkFolder in(ServerFolder folder) {
    try {
      return new WorkFolder(Files.createTempDirectory(folder.work(), "job-"));
    } catch (IOException e) {
      throw StorageException.of(folder.work(), e);
    }
  }

  /** Gives the folder, now that it is whole, another place; what lay there is gone. */
  void moveTo(Path place) {
    try {
      ServerFolder.delete(place);
      Files.move(path, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw StorageException.of(place, e);
    }
  }

  @Override
  public void close() {
    try {
      ServerFolder.delete(path);
    } catch (IOException e) {
      throw StorageException.of(path, e);
    }
  }
}
