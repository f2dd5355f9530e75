package org.syntagen.server.store;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.springframework.core.io.Resource;
import org.syntagen.server.ServerFolder;

/**
 * Where the whole files of submissions are kept. They grow in {@link ServerFolder#upload}; a
 * submission's job begins with {@link #keep}. All of it may be done again after the server was
 * killed, and whatever fails is thrown as a {@link RuntimeException} and the platform's fault.
 */
public interface FileStore {
  /** Takes a file that has come whole out of the server's folder, unless that has been done. */
  void keep(UUID submission);

  /**
   * A file to read.
   *
   * @param into an empty folder for a copy, where one is needed
   */
  Path fetch(UUID submission, Path into);

  /** A file to send to somebody, if there is one; who asks for it closes its stream. */
  Optional<Resource> find(UUID submission);

  /** Deletes a file, if it is there. */
  void delete(UUID submission);
}
