package org.syntagen.challenge.submission;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a zip whose bytes depend on names and contents alone: entries are stored and not
 * compressed, in the order in which they are added, and carry no time.
 */
public final class ReproducibleZip {
  // The first that needs no extra field: Java adds one to times of January 1980.
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private final ZipOutputStream zip;

  /**
   * @param out stays open
   */
  public ReproducibleZip(OutputStream out) {
    this.zip = new ZipOutputStream(out);
  }

  /** Adds a text in UTF-8. */
  public void add(String name, String text) throws IOException {
    store(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a file's content, which must fit into memory. */
  public void add(String name, Path file) throws IOException {
    store(name, Files.readAllBytes(file));
  }

  private void store(String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setTimeLocal(NO_TIME);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /** Ends the archive. */
  public void finish() throws IOException {
    zip.finish();
  }
}
