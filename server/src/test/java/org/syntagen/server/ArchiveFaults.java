package org.syntagen.server;

import static org.syntagen.server.Fault.any;
import static org.syntagen.server.Fault.noise;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.server.submission.Reason;

/** What is wrong with an archive itself, whatever it should hold. */
final class ArchiveFaults {
  /** What a file that got out of its folder would be called. */
  static final String ESCAPED = "escaped";

  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);
  private static final int MEBIBYTE = 1 << 20;

  /** Grows 60-fold: less than what is refused for that alone. */
  private static final RawZip.Entry LARGE = RawZip.deflated("large", repeated(4 * MEBIBYTE));

  private static final RawZip.Entry ZEROS = RawZip.deflated("zeros", new byte[6 * MEBIBYTE]);

  private static final String NAME = "has a name that is not accepted";
  private static final String UNSOUND = "no sound zip archive";

  private ArchiveFaults() {}

  /**
   * All of them.
   *
   * @param folder that is looked at for files that got out
   */
  static List<Fault<RawZip>> all(Path folder) {
    return List.of(
        name("traversal", NAME, random -> "../".repeat(random.inclusive(1, 4)) + ESCAPED),
        name("traversal within", NAME, random -> "image/../" + "../".repeat(2) + ESCAPED),
        name(
            "absolute path",
            NAME,
            random -> folder.getParent() + "/./" + folder.getFileName() + "/" + ESCAPED),
        name("drive letter", NAME, random -> any(random, "C:/", "d:", "c:x/") + ESCAPED),
        name(
            "backslashes",
            "has a backslash",
            random -> any(random, "..\\..\\", "C:\\", "\\\\host\\share\\") + ESCAPED),
        name(
            "control characters in a name",
            NAME,
            random -> "image/a" + any(random, "\0", "\n", "\u001b[2J", "\u202e") + ".png"),
        name(
            "endless name",
            "a name of \\d+ characters",
            random -> "x".repeat(random.inclusive(201, 60_000))),
        name("deep folders", NAME, random -> "a/".repeat(random.inclusive(7, 80)) + ESCAPED),
        twin("duplicate", (name, random) -> name),
        twin(
            "case collision",
            (name, random) -> {
              String upper = name.toUpperCase(Locale.ROOT);
              int from = random.nextInt(name.length() - 3);
              return name.substring(0, from) + upper.substring(from);
            }),
        twin("file that is a folder", (name, random) -> name + "/" + random.nextInt(100)),
        archive(
            "ratio bomb",
            "grows more than 200-fold",
            (zip, random) -> zip.with(ZEROS.named(random.nextInt(99) + ".png"))),
        archive(
            "size bomb",
            "more than is accepted",
            (zip, random) -> {
              for (int i = random.inclusive(7, 20); i >= 0; i--) {
                zip.with(LARGE.named("large" + i));
              }
              return zip;
            }),
        archive(
            "overlapping entries",
            "more than is accepted",
            (zip, random) -> {
              zip.with(LARGE);
              for (int i = random.inclusive(7, 90); i >= 0; i--) {
                zip.with(LARGE.packed(null).named("again" + i));
              }
              return zip;
            }),
        archive(
            "count bomb",
            "claims \\d+ entries; expected at most",
            (zip, random) -> {
              RawZip.Entry empty = RawZip.stored("", new byte[0]);
              for (int i = random.inclusive(1100, 5000); i >= 0; i--) {
                zip.entries.add(empty.named("f" + i));
              }
              return zip;
            }),
        bytes(
            "number of entries that lies",
            "claims \\d+ entries; expected at most",
            (zip, random) -> {
              int count = random.inclusive(2000, 65_000);
              return RawZip.endLies(zip.bytes(), 8, count, count >> 8, count, count >> 8);
            }),
        bytes("claims of zip64", "claims \\d+ (entries|bytes)", ArchiveFaults::largeLies),
        entry(
            "size that lies",
            "is not what the archive's directory says",
            (entry, random) -> entry.size(Math.max(0, entry.size() + any(random, -3, 1, 4096)))),
        entry(
            "checksum that lies",
            "is not what the archive's directory says",
            (entry, random) -> entry.crc(entry.crc() ^ 1 << random.nextInt(32))),
        entry(
            "damaged bytes",
            "is not what the archive's directory says",
            (entry, random) -> {
              byte[] damaged = entry.packed().clone();
              damaged[random.nextInt(damaged.length)] ^= (byte) random.inclusive(1, 255);
              return RawZip.stored(entry.name(), entry.packed()).packed(damaged);
            }),
        entry(
            "damaged compression",
            UNSOUND,
            (entry, random) -> {
              byte[] damaged = entry.packed().clone();
              damaged[0] |= 6; // a kind of block that does not exist
              return entry.packed(damaged);
            }),
        entry("encrypted", UNSOUND, (entry, random) -> entry.flags(1)),
        entry(
            "unknown compression",
            UNSOUND,
            (entry, random) -> entry.method(any(random, 1, 6, 9, 12, 14, 95, 99))),
        bytes(
            "truncated",
            "does not end as a zip archive does",
            (zip, random) -> {
              byte[] whole = zip.bytes();
              return Arrays.copyOf(whole, random.inclusive(1, whole.length - 1));
            }),
        bytes(
            "directory outside the file",
            UNSOUND,
            (zip, random) -> RawZip.endLies(zip.bytes(), 16, 0, 0, 0, any(random, 1, 0x7f, 0xff))),
        bytes(
            "comment",
            "with a comment",
            (zip, random) -> {
              byte[] comment = noise(random, random.inclusive(1, 300));
              byte[] sound = RawZip.endLies(zip.bytes(), 20, comment.length, comment.length >> 8);
              return joined(sound, comment);
            }),
        bytes(
            "stray bytes behind",
            "does not end as a zip archive does",
            (zip, random) -> joined(zip.bytes(), noise(random, random.inclusive(1, 900)))),
        bytes("wrong magic", "does not end as a zip archive does", ArchiveFaults::otherMagic));
  }

  private interface Name {
    String of(SplitMix64 random);
  }

  private static Fault<RawZip> name(String kind, String message, Name name) {
    return archive(
        kind, message, (zip, random) -> zip.with(RawZip.stored(name.of(random), CONTENT)));
  }

  /** One more entry, whose name follows from that of another one. */
  private static Fault<RawZip> twin(String kind, BiFunction<String, SplitMix64, String> name) {
    return archive(
        kind,
        "has the name of another one",
        (zip, random) -> {
          String other = any(random, zip.entries.toArray(RawZip.Entry[]::new)).name();
          zip.entries.add(RawZip.stored(name.apply(other, random), CONTENT));
          return zip;
        });
  }

  private static Fault<RawZip> entry(
      String kind, String message, BiFunction<RawZip.Entry, SplitMix64, RawZip.Entry> change) {
    return archive(
        kind,
        message,
        (zip, random) ->
            zip.with(change.apply(any(random, zip.entries.toArray(RawZip.Entry[]::new)), random)));
  }

  private static Fault<RawZip> archive(
      String kind, String message, BiFunction<RawZip, SplitMix64, RawZip> change) {
    return bytes(kind, message, (zip, random) -> change.apply(zip, random).bytes());
  }

  private static Fault<RawZip> bytes(String kind, String message, Fault.Spoiling<RawZip> spoiling) {
    return Fault.of(kind, Reason.ARCHIVE_REFUSED, message, spoiling);
  }

  /** With the records of a large archive, which claim what cannot be. */
  private static byte[] largeLies(RawZip zip, SplitMix64 random) {
    byte[] small = zip.bytes();
    int end = small.length - RawZip.END_SIZE;
    long entries = any(random, 2L, 1L << 40, -1L);
    long bytes = entries == 2 ? any(random, 1L << 40, -1L) : 99;
    ByteBuffer large =
        ByteBuffer.allocate(small.length + 76).order(ByteOrder.LITTLE_ENDIAN).put(small, 0, end);
    large.putInt(0x06064b50).position(end + 32);
    large.putLong(entries).putLong(bytes).position(end + 56);
    large.putInt(0x07064b50).position(end + 64);
    large.putLong(end).position(end + 76);
    return large.put(small, end, RawZip.END_SIZE).array();
  }

  private static byte[] otherMagic(RawZip zip, SplitMix64 random) {
    byte[] start =
        any(
            random,
            new byte[] {0x1f, (byte) 0x8b, 8},
            "7z\u00bc\u00af\u0027\u001c".getBytes(StandardCharsets.ISO_8859_1),
            "Rar!\u001a\u0007".getBytes(StandardCharsets.ISO_8859_1),
            "\u007fELF".getBytes(StandardCharsets.ISO_8859_1),
            "<html>".getBytes(StandardCharsets.ISO_8859_1),
            new byte[0]);
    return joined(start, noise(random, random.inclusive(1, 3000)));
  }

  static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] repeated(int length) {
    byte[] block = noise(new SplitMix64(1), 30_000);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = block[i % block.length];
    }
    return bytes;
  }
}
