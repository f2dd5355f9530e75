package org.syntagen.challenge.check;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.StorageException;

/**
 * A stranger's zip archive, unpacked into a folder of its own that {@link #close} removes. Only
 * plain files are made, only below that folder, and no more bytes than allowed, whatever the
 * archive claims of itself. What operating systems add ({@code __MACOSX}, {@code .DS_Store}, {@code
 * Thumbs.db}) is left out.
 */
public final class UnpackedZip implements AutoCloseable {
  private static final int MOST_FILE_BYTES = 256 << 20;
  private static final int MOST_DIRECTORY_BYTES = 64 << 20;
  private static final int MOST_NAME = 200;
  private static final int MOST_DEPTH = 6;

  // Deflate cannot go beyond 1032; images lie near 1 and text near 10.
  private static final int MOST_RATIO = 200;
  private static final int RATIO_FREE_BYTES = 1 << 20;

  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int LOCATOR_64_SIZE = 20;
  private static final int END_64 = 0x06064b50;
  private static final int END_64_SIZE = 56;

  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._() -]+");

  /**
   * How much an archive may hold.
   *
   * @param entries files and folders
   * @param bytes of all files together, unpacked
   */
  public record Bounds(int entries, long bytes) {}

  private final Path folder;

  private UnpackedZip(Path folder) {
    this.folder = folder;
  }

  /**
   * Unpacks an archive into a new folder.
   *
   * @param into an existing folder in which the new one is made
   * @throws InputException naming the entry if the archive is damaged, exceeds the bounds, or holds
   *     a name that leads out of the folder or that another entry has, too
   * @throws StorageException if the disk is full; nothing is left then
   */
  public static UnpackedZip of(Path zip, Path into, Bounds bounds) {
    checkDirectory(zip, bounds);
    UnpackedZip unpacked;
    try {
      unpacked = new UnpackedZip(Files.createTempDirectory(into, "unpacked-"));
    } catch (IOException e) {
      throw StorageException.of(into, e);
    }
    boolean whole = false;
    try (ZipFile archive = new ZipFile(zip.toFile())) {
      unpacked.fill(archive, zip, bounds);
      whole = true;
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw damaged(zip, e.getMessage() == null ? "it ends too early" : e.getMessage(), e);
    } catch (IOException e) {
      throw StorageException.of(unpacked.folder, e);
    } finally {
      if (!whole) {
        unpacked.close();
      }
    }
    return unpacked;
  }

  /** Where the files lie. */
  public Path folder() {
    return folder;
  }

  /** Whether operating systems, not people, put files and folders of this name into archives. */
  static boolean isClutter(String name) {
    return List.of("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini").contains(name)
        || name.startsWith("._");
  }

  private void fill(ZipFile archive, Path zip, Bounds bounds) throws IOException {
    Map<String, ZipEntry> files = new LinkedHashMap<>();
    Names names = new Names();
    for (ZipEntry entry : Collections.list(archive.entries())) {
      if (entry.getName().length() > MOST_NAME) {
        throw new InputException(
            "%s: an entry has a name of %d characters; expected at most %d"
                .formatted(zip, entry.getName().length(), MOST_NAME));
      }
      List<String> segments = segments(entry, where(zip, entry));
      if (segments.stream().anyMatch(UnpackedZip::isClutter)) {
        continue;
      }
      String name = String.join("/", segments);
      if (!names.add(name, entry.isDirectory())) {
        throw new InputException(
            where(zip, entry) + " has the name of another one; keep one of them");
      }
      if (entry.isDirectory()) {
        Files.createDirectories(folder.resolve(name));
      } else {
        files.put(name, entry);
      }
    }
    long left = bounds.bytes;
    for (Map.Entry<String, ZipEntry> file : files.entrySet()) {
      Path target = folder.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      ZipEntry entry = file.getValue();
      left -= unpack(archive, entry, target, Math.min(left, MOST_FILE_BYTES), where(zip, entry));
    }
  }

  private static String where(Path zip, ZipEntry entry) {
    return zip + ": entry \"" + entry.getName().replaceAll("\\p{Cntrl}", "?") + "\"";
  }

  /** The names so far, as a file system sees them that does not tell upper from lower case. */
  private static final class Names {
    private final Set<String> files = new HashSet<>();
    private final Set<String> folders = new HashSet<>();

    /** Adds a name; false if a file has it or lies where a folder must be. */
    boolean add(String name, boolean isFolder) {
      String key = name.toLowerCase(Locale.ROOT);
      boolean free = !files.contains(key) && (isFolder || !folders.contains(key));
      for (int slash = key.indexOf('/'); slash > 0; slash = key.indexOf('/', slash + 1)) {
        String parent = key.substring(0, slash);
        free &= !files.contains(parent);
        folders.add(parent);
      }
      (isFolder ? folders : files).add(key);
      return free;
    }
  }

  private static List<String> segments(ZipEntry entry, String where) {
    String name = entry.getName();
    if (name.contains("\\")) {
      throw new InputException(where + " has a backslash in its name; separate folders by /");
    }
    String bare = entry.isDirectory() ? name.substring(0, name.length() - 1) : name;
    List<String> segments = List.of(bare.split("/", -1));
    boolean plain =
        segments.stream()
            .allMatch(
                part -> SEGMENT.matcher(part).matches() && !part.equals(".") && !part.equals(".."));
    if (!plain || segments.size() > MOST_DEPTH) {
      throw new InputException(
          where
              + " has a name that is not accepted; expected letters, digits and . _ - only, in a"
              + " few folders, none of them absolute or \"..\"");
    }
    return segments;
  }

  /** Writes one file, counting what comes rather than trusting what is claimed. */
  private static long unpack(ZipFile archive, ZipEntry entry, Path target, long most, String where)
      throws IOException {
    CRC32 crc = new CRC32();
    long count = 0;
    try (InputStream in = archive.getInputStream(entry);
        OutputStream out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        count += n;
        if (count > most) {
          throw new InputException(
              where + " holds more than is accepted of one file or of all files together");
        }
        if (count > RATIO_FREE_BYTES && count / MOST_RATIO > entry.getCompressedSize()) {
          throw new InputException(
              where + " grows more than " + MOST_RATIO + "-fold; that is no dataset's file");
        }
        crc.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
    }
    if (count != entry.getSize() || crc.getValue() != entry.getCrc()) {
      throw new InputException(where + " is not what the archive's directory says; pack it again");
    }
    return count;
  }

  /**
   * Bounds the archive's directory before the library reads all of it into memory. The end record
   * must be the last of the file, so that nobody can find another one.
   */
  private static void checkDirectory(Path zip, Bounds bounds) {
    try (RandomAccessFile file = new RandomAccessFile(zip.toFile(), "r")) {
      long at = file.length() - END_SIZE;
      ByteBuffer end = record(file, at, END_SIZE, END);
      if (end == null || end.getShort(20) != 0) {
        throw damaged(
            zip, "it does not end as a zip archive does: truncated, or with a comment", null);
      }
      long entries = Short.toUnsignedLong(end.getShort(10));
      long bytes = Integer.toUnsignedLong(end.getInt(12));
      ByteBuffer locator = record(file, at - LOCATOR_64_SIZE, LOCATOR_64_SIZE, LOCATOR_64);
      if (locator != null) {
        ByteBuffer large = record(file, locator.getLong(8), END_64_SIZE, END_64);
        if (large == null) {
          throw damaged(zip, "its zip64 record is not where it is said to be", null);
        }
        // Readers differ in which record they follow where both speak, so both are bounded.
        entries = unsaturated(entries, 0xffffL, large.getLong(32));
        bytes = unsaturated(bytes, 0xffff_ffffL, large.getLong(40));
      }
      if (entries < 0 || entries > bounds.entries) {
        throw new InputException(
            "%s claims %s entries; expected at most %d"
                .formatted(zip, Long.toUnsignedString(entries), bounds.entries));
      }
      if (bytes < 0 || bytes > MOST_DIRECTORY_BYTES) {
        throw damaged(zip, "its directory claims " + Long.toUnsignedString(bytes) + " bytes", null);
      }
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read (%s)"
              .formatted(zip, Files.exists(zip) ? e.getMessage() : "there is no such file"),
          e);
    }
  }

  /** The larger claim of both records, as unsigned numbers, unless the small one is saturated. */
  private static long unsaturated(long small, long saturated, long large) {
    return small == saturated || Long.compareUnsigned(large, small) > 0 ? large : small;
  }

  /** A record at a place in the file, or null if there is none with this signature. */
  private static ByteBuffer record(RandomAccessFile file, long at, int size, int signature)
      throws IOException {
    if (at < 0 || at > file.length() - size) {
      return null;
    }
    byte[] bytes = new byte[size];
    file.seek(at);
    file.readFully(bytes);
    ByteBuffer record = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return record.getInt(0) == signature ? record : null;
  }

  private static InputException damaged(Object what, String reason, Exception cause) {
    return new InputException(
        what + " is no sound zip archive (" + reason + "); pack it again", cause);
  }

  /** Gives the disk back. */
  @Override
  public void close() {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw StorageException.of(folder, e);
    }
  }
}
