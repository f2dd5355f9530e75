package org.syntagen.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.StorageException;

/**
 * The folder of a competition.
 *
 * <pre>
 * competition.yaml   the rules
 * server.lock        held while a server runs
 * database.mv.db     tables, unless they lie in PostgreSQL
 * host.key           signs receipts
 * test/              private test images and masks; nothing of it is ever sent
 * release/           the sealed test images, their announcement and key
 * uploads/           files that are coming, by submission; those that have come, unless a bucket has them
 * galleries/         sampled pairs of each dataset
 * evidence/          what verdicts of the server rest on
 * work/              what jobs unpack and write on their way; emptied at each start
 * tomcat/            what the web server writes on its way; emptied at each start
 * </pre>
 *
 * @param path an existing folder
 */
public record ServerFolder(Path path) {
  private static final List<String> FOLDERS =
      List.of("release", "uploads", "galleries", "evidence", "work", "tomcat");

  /**
   * Makes what is missing, empties {@link #work} and {@link #tomcat}, and removes what a killed
   * start has left.
   */
  public static ServerFolder prepare(Path path) {
    ServerFolder folder = new ServerFolder(path.toAbsolutePath().normalize());
    try {
      delete(folder.work());
      delete(folder.tomcat());
      for (String name : FOLDERS) {
        Files.createDirectories(folder.path.resolve(name));
      }
      deleteParts(folder.path);
      deleteParts(folder.release());
      return folder;
    } catch (IOException e) {
      throw StorageException.of(path, e);
    }
  }

  private static void deleteParts(Path folder) throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, ".*" + AtomicFile.PART)) {
      for (Path part : parts) {
        delete(part);
      }
    }
  }

  /** The competition's file. */
  public Path competition() {
    return path.resolve("competition.yaml");
  }

  /** The private test images and masks. */
  public Path test() {
    return path.resolve("test");
  }

  /** The sealed test images and what belongs to them. */
  public Path release() {
    return path.resolve("release");
  }

  /** What a submission's team has uploaded. */
  public Path upload(Object submission) {
    return path.resolve("uploads").resolve(submission.toString());
  }

  /** The sampled pairs of a submission. */
  public Path gallery(Object submission) {
    return path.resolve("galleries").resolve(submission.toString());
  }

  /** What a verdict of the server rests on. */
  public Path evidence(Object rerun) {
    return path.resolve("evidence").resolve(rerun.toString());
  }

  /** Where jobs make folders of their own. */
  public Path work() {
    return path.resolve("work");
  }

  /** Where the web server makes folders of its own. */
  public Path tomcat() {
    return path.resolve("tomcat");
  }

  /** How many bytes may still be written. */
  public long usableBytes() {
    try {
      return Files.getFileStore(path).getUsableSpace();
    } catch (IOException e) {
      throw StorageException.of(path, e);
    }
  }

  /** The text of a file that only its owner may read; made from the supplier if there is none. */
  public String secret(String name, Supplier<String> first) {
    Path file = path.resolve(name);
    try {
      if (!Files.exists(file)) {
        Path part = file.resolveSibling("." + name.replace('/', '-') + AtomicFile.PART);
        Files.createFile(part, ownerOnly(part));
        Files.writeString(part, first.get(), StandardOpenOption.SYNC);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw StorageException.of(file, e);
    }
  }

  private static FileAttribute<?>[] ownerOnly(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Copies a folder, which appears under its name only when whole. */
  static void copy(Path from, Path to) {
    Path part = to.resolveSibling("." + to.getFileName() + AtomicFile.PART);
    try {
      try (Stream<Path> files = Files.walk(from)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.copy(file, part.resolve(from.relativize(file).toString()));
        }
      }
      Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw StorageException.of(to, e);
    }
  }

  /** Removes a folder with all that is in it, if it is there. */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
