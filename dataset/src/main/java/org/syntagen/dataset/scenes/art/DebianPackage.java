package org.syntagen.dataset.scenes.art;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.syntagen.dataset.InputException;

/** Finds furniture catalogues inside a Debian package without unpacking it to disk. */
final class DebianPackage {
  private static final byte[] MAGIC = "!<arch>\n".getBytes(StandardCharsets.US_ASCII);
  private static final long MOST_UNPACKED = 2L << 30;
  private static final int MOST_ENTRIES = 100_000;
  private static final int XZ_MEMORY_KIB = 256 << 10;

  /** Receives the catalogues of a package. */
  @FunctionalInterface
  interface Catalogues {
    /** Takes the content of one .sh3f file. */
    void take(String name, byte[] content) throws IOException;
  }

  private DebianPackage() {}

  static boolean matches(byte[] head, int length) {
    return length >= MAGIC.length && Arrays.equals(head, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /**
   * Hands over every .sh3f file of the package.
   *
   * @throws IOException if the package is damaged
   */
  static void catalogues(Path file, Catalogues catalogues) throws IOException {
    try (ArArchiveInputStream parts =
        new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      for (ArArchiveEntry part = parts.getNextEntry(); part != null; part = parts.getNextEntry()) {
        if (part.getName().startsWith("data.tar")) {
          InputStream data = decompressed(file, part.getName(), parts);
          readTar(new BoundedInput(data, MOST_UNPACKED, file.toString()), file, catalogues);
          return;
        }
      }
    }
    throw new InputException(file + " is no Debian package: it has no data part");
  }

  private static void readTar(InputStream data, Path file, Catalogues catalogues)
      throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(data);
    int entries = 0;
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      if (++entries > MOST_ENTRIES) {
        throw new InputException(file + " holds more than " + MOST_ENTRIES + " files");
      }
      if (entry.isFile() && entry.getName().endsWith(".sh3f")) {
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        catalogues.take(
            name, BoundedInput.readAll(tar, FurnitureCatalogue.MOST_BYTES, file + " " + name));
      }
    }
  }

  private static InputStream decompressed(Path file, String name, InputStream part)
      throws IOException {
    return switch (name) {
      case "data.tar" -> part;
      case "data.tar.gz" -> new GzipCompressorInputStream(part);
      case "data.tar.xz" ->
          XZCompressorInputStream.builder()
              .setInputStream(part)
              .setMemoryLimitKiB(XZ_MEMORY_KIB)
              .get();
      default ->
          throw new InputException(
              "%s keeps its files in %s, which is not read; unpack it with \"dpkg-deb -x\" and give"
                      .formatted(file, name)
                  + " the .sh3f files");
    };
  }
}
