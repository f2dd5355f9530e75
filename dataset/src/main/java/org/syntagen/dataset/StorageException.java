package org.syntagen.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;

/**
 * The disk failed the job: it is full, or reading or writing broke off. The message is a single
 * line; the command line prints it and exits with code 1. Nothing half-written stands under a final
 * name, so the same command goes on once there is room.
 */
public final class StorageException extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  private StorageException(String message, IOException cause) {
    super(message, cause);
  }

  /**
   * What to throw when a file cannot be written: an {@link InputException} where the user named a
   * place that cannot be written to, otherwise a {@link StorageException}.
   */
  public static RuntimeException of(Path file, IOException cause) {
    String reason = reason(cause);
    if (refused(cause, reason)) {
      return new InputException(
          "%s cannot be written (%s); choose another folder or change its permissions"
              .formatted(file, reason),
          cause);
    }
    if (reason.toLowerCase(Locale.ROOT).contains("no space left")
        || reason.toLowerCase(Locale.ROOT).contains("not enough space")) {
      return new StorageException(
          "the disk is full: %s was not written (%s); free some space and run the command again"
              .formatted(file, reason),
          cause);
    }
    return new StorageException("%s was not written: %s".formatted(file, reason), cause);
  }

  private static boolean refused(IOException cause, String reason) {
    return cause instanceof AccessDeniedException
        || cause instanceof FileAlreadyExistsException
        || cause instanceof NotDirectoryException
        || cause instanceof NoSuchFileException
        || cause.getCause() instanceof ReadOnlyFileSystemException
        || reason.contains("Read-only file system")
        || reason.contains("Not a directory")
        || reason.contains("Permission denied");
  }

  private static String reason(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "Permission denied";
    }
    if (cause instanceof FileAlreadyExistsException || cause instanceof NotDirectoryException) {
      return "Not a directory";
    }
    if (cause instanceof NoSuchFileException) {
      return "No such folder";
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
