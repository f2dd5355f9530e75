package org.syntagen.challenge.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.challenge.Datasets;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;

/** Archives as strangers send them: one clear reason each, nothing outside, the disk given back. */
class UnpackedZipTest {
  private static final UnpackedZip.Bounds BOUNDS = new UnpackedZip.Bounds(100, 8 << 20);

  @TempDir Path folder;
  private Path work;

  @BeforeEach
  void aFolderToWorkIn() throws IOException {
    work = Files.createDirectories(folder.resolve("deep/work"));
  }

  @Test
  void aDatasetComesOutAsItWentInAndIsRemovedAtTheEnd() throws IOException {
    Datasets.write(folder.resolve("entry"), "one", "two");
    Files.createDirectories(folder.resolve("entry/__MACOSX"));
    Files.writeString(folder.resolve("entry/__MACOSX/._one.png"), "x");
    Path zip = Datasets.zip(folder.resolve("entry"), folder.resolve("entry.zip"));
    try (UnpackedZip unpacked = UnpackedZip.of(zip, work, BOUNDS)) {
      DatasetCheck check = new DatasetCheck(Datasets.RULES);
      assertThat(check.run(unpacked.folder(), (done, total) -> {}).violations()).isEmpty();
      assertThat(unpacked.folder().resolve("__MACOSX")).doesNotExist();
      assertThat(unpacked.folder().resolve("image/two.png"))
          .hasSameBinaryContentAs(folder.resolve("entry/image/two.png"));
    }
    assertThat(work).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x", "../../x", "a/../../x", "/etc/x", "//x", "C:/x", "C:\\x", "a\\..\\..\\x", "a//x",
        "./x", "a/./x", "..", "a\u0001x", "a\nx", "ä/x", "a/b/c/d/e/f/g", "~root:x", "a/x\u0000"
      })
  void aNameThatIsNotPlainIsRefused(String name) throws IOException {
    refused(zip(name, "content")).withMessageContaining("entry");
  }

  @Test
  void anEndlessNameIsRefused() throws IOException {
    refused(zip("x".repeat(3000), "content")).withMessageContaining("3000 characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"image/a.png", "IMAGE/A.PNG", "image/a.PNG"})
  void twoEntriesOfOneNameAreRefused(String second) throws IOException {
    byte[] zip = zip("image/a.png", "1", "image/b.png", "2");
    refused(renamed(zip, "image/b.png", second)).withMessageContaining("name of another one");
  }

  @Test
  void aFileThatIsAlsoAFolderIsRefused() throws IOException {
    refused(zip("image", "1", "image/a.png", "2")).withMessageContaining("name of another one");
    refused(zip("image/a.png", "2", "image", "1")).withMessageContaining("name of another one");
  }

  @Test
  void whatGrowsWithoutMeasureIsRefused() throws IOException {
    refused(zip("bomb", "\0".repeat(4 << 20))).withMessageContaining("grows more than 200-fold");
    String noise = noise(5 << 20);
    refused(zip("a", noise, "b", noise)).withMessageContaining("more than is accepted");
  }

  @Test
  void tooManyEntriesAreRefusedBeforeTheyAreRead() throws IOException {
    String[] entries = new String[202];
    for (int i = 0; i < entries.length; i += 2) {
      entries[i] = "f" + i;
      entries[i + 1] = "";
    }
    refused(zip(entries)).withMessageContaining("claims 101 entries; expected at most 100");
  }

  @Test
  void sizesAndSumsThatLieAreRefused() throws IOException {
    byte[] zip = zip("a.txt", "some content that is long enough to be deflated, deflated");
    int central = find(zip, new byte[] {'P', 'K', 1, 2});
    for (int field : new int[] {16, 24}) {
      byte[] lying = zip.clone();
      lying[central + field] ^= 1;
      refused(lying).withMessageContaining("not what the archive's directory says");
    }
  }

  @Test
  void encryptedEntriesCommentsAndStraysAreRefused() throws IOException {
    byte[] zip = zip("a.txt", "content");
    byte[] encrypted = zip.clone();
    encrypted[find(zip, new byte[] {'P', 'K', 1, 2}) + 8] |= 1;
    refused(encrypted).withMessageContaining("encrypted");
    refused(Arrays.copyOf(zip, zip.length + 7)).withMessageContaining("does not end as a zip");
    refused("no zip at all, only text".getBytes(StandardCharsets.UTF_8))
        .withMessageContaining("no sound zip archive");
    refused(new byte[0]).withMessageContaining("no sound zip archive");
  }

  @Test
  void aCommentThatHidesAnotherEndIsRefused() throws IOException {
    byte[] zip = zip("a.txt", "content");
    zip[zip.length - 2] = 1;
    refused(zip).withMessageContaining("with a comment");
  }

  @Test
  void bothEndsOfALargeArchiveAreBounded() throws IOException {
    byte[] zip = zip("a.txt", "content");
    int end = zip.length - 22;
    for (long[] claims : new long[][] {{1, 1L << 30, 47}, {1, 47, 1L << 40}, {1, 47, -1}}) {
      byte[] large =
          ByteBuffer.allocate(zip.length + 76)
              .order(ByteOrder.LITTLE_ENDIAN)
              .put(zip, 0, end)
              .putInt(0x06064b50)
              .position(end + 32)
              .putLong(claims[0])
              .putLong(claims[2])
              .position(end + 56)
              .putInt(0x07064b50)
              .position(end + 64)
              .putLong(end)
              .position(end + 76)
              .put(zip, end, 22)
              .putInt(end + 76 + 12, (int) claims[1])
              .array();
      refused(large).withMessageContaining("its directory claims");
    }
  }

  @Test
  void aLinkComesOutAsAPlainFile() throws IOException {
    byte[] zip = zip("image/a.png", "/etc/passwd");
    int central = find(zip, new byte[] {'P', 'K', 1, 2});
    zip[central + 5] = 3; // made on Unix
    zip[central + 41] = (byte) 0xA1; // S_IFLNK
    zip[central + 40] = (byte) 0xFF;
    try (UnpackedZip unpacked = UnpackedZip.of(write(zip), work, BOUNDS)) {
      Path file = unpacked.folder().resolve("image/a.png");
      assertThat(Files.isSymbolicLink(file)).isFalse();
      assertThat(file).hasContent("/etc/passwd");
    }
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] zip = zip("image/a.png", "content", "mask/a.png", "content");
    for (int length = 0; length < zip.length; length++) {
      refused(Arrays.copyOf(zip, length));
    }
  }

  @Test
  void damageIsRefusedOrHarmless() throws IOException {
    byte[] zip = zip("image/a.png", noise(500), "mask/a.png", "content ".repeat(40), "t.txt", "a");
    SplitMix64 random = new SplitMix64(6);
    int refused = 0;
    for (int run = 0; run < 1500; run++) {
      byte[] damaged = zip.clone();
      for (int change = random.inclusive(1, 4); change > 0; change--) {
        damaged[random.nextInt(zip.length)] = (byte) random.nextLong();
      }
      try (UnpackedZip unpacked = UnpackedZip.of(write(damaged), work, BOUNDS)) {
        assertThat(unpacked.folder()).startsWith(work);
      } catch (InputException e) {
        assertThat(e.getMessage().lines()).hasSize(1);
        refused++;
      }
      assertNothingIsLeft();
    }
    assertThat(refused).isGreaterThan(1000);
  }

  private ThrowableAssertAlternative<InputException> refused(byte[] zip) throws IOException {
    Path file = write(zip);
    ThrowableAssertAlternative<InputException> refusal =
        assertThatExceptionOfType(InputException.class)
            .isThrownBy(() -> UnpackedZip.of(file, work, BOUNDS))
            .matches(e -> e.getMessage().lines().count() == 1, "one line");
    assertNothingIsLeft();
    return refusal;
  }

  private void assertNothingIsLeft() throws IOException {
    try (Stream<Path> left = Files.walk(folder)) {
      assertThat(left.filter(Files::isRegularFile).map(Path::getFileName).map(Path::toString))
          .isSubsetOf(List.of("upload.zip"));
    }
    assertThat(work).isEmptyDirectory();
  }

  private Path write(byte[] zip) throws IOException {
    return Files.write(folder.resolve("upload.zip"), zip);
  }

  /** An archive of names, each followed by its content. */
  private static byte[] zip(String... namesAndContents) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndContents[i]));
        zip.write(namesAndContents[i + 1].getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return bytes.toByteArray();
  }

  private static String noise(int length) {
    byte[] bytes = new byte[length];
    SplitMix64 random = new SplitMix64(1);
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextLong();
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] renamed(byte[] zip, String from, String to) {
    String text = new String(zip, StandardCharsets.ISO_8859_1);
    return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static int find(byte[] in, byte[] wanted) {
    for (int i = 0; ; i++) {
      if (Arrays.equals(in, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
  }
}
