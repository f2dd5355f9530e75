package org.syntagen.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.syntagen.dataset.InputException;

/** Files that commands write at their end. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Checks before the work that there is a folder for its result.
   *
   * @throws InputException if not
   */
  static void requireFolder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new InputException(
          "%s: there is no folder %s; make it first".formatted(file, file.getParent()));
    }
  }
}
