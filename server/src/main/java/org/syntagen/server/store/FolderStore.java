package org.syntagen.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.syntagen.dataset.StorageException;
import org.syntagen.server.ServerFolder;

/**
 * Files stay in the server's folder, where they have come.
 *
 * @param folder the server's
 */
public record FolderStore(ServerFolder folder) implements FileStore {
  @Override
  public void keep(UUID submission) {}

  @Override
  public Path fetch(UUID submission, Path into) {
    Path file = folder.upload(submission);
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException(file + " is gone");
    }
    return file;
  }

  @Override
  public Optional<Resource> find(UUID submission) {
    return Optional.<Resource>of(new FileSystemResource(folder.upload(submission)))
        .filter(Resource::exists);
  }

  @Override
  public void delete(UUID submission) {
    Path file = folder.upload(submission);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
  }
}
