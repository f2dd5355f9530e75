package org.syntagen.challenge.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.Datasets;
import org.syntagen.challenge.Phase;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;

class SealedFileTest {
  private static final int CHUNK = 1 << 16;
  private static final int HEADER = 25;
  private static final int TAG = 16;

  @TempDir Path folder;
  private final ReleaseKey key = ReleaseKey.generate();

  private Path plain(int size) throws IOException {
    byte[] bytes = new byte[size];
    SplitMix64 random = new SplitMix64(size);
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) random.nextLong();
    }
    return Files.write(folder.resolve("plain"), bytes);
  }

  /** In pieces of a size that no chunk is a multiple of. */
  private void seal(Path plain, String name) throws IOException {
    byte[] bytes = Files.readAllBytes(plain);
    SealedFile.seal(
        folder.resolve(name),
        key,
        out -> {
          for (int at = 0; at < bytes.length; at += 1000) {
            out.write(bytes, at, Math.min(1000, bytes.length - at));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 77})
  void aFileOfAnySizeComesBack(int size) throws IOException {
    Path plain = plain(size);
    seal(plain, "sealed");
    int chunks = Math.max(1, (size + CHUNK - 1) / CHUNK);
    assertThat(folder.resolve("sealed")).hasSize(HEADER + size + (long) chunks * TAG);
    SealedFile.open(folder.resolve("sealed"), folder.resolve("back"), key);
    assertThat(folder.resolve("back")).hasSameBinaryContentAs(plain);
  }

  @Test
  void sealingTwiceGivesDifferentBytes() throws IOException {
    Path plain = plain(100);
    seal(plain, "one");
    seal(plain, "two");
    assertThat(Files.mismatch(folder.resolve("one"), folder.resolve("two"))).isEqualTo(18);
  }

  @Test
  void chunksThatWereChangedMovedDroppedOrCutOffAreRefused() throws IOException {
    seal(plain(3 * CHUNK), "sealed");
    byte[] sealed = Files.readAllBytes(folder.resolve("sealed"));
    int block = CHUNK + TAG;
    for (int at : new int[] {18, HEADER, HEADER + CHUNK, HEADER + block + 9, sealed.length - 1}) {
      byte[] changed = sealed.clone();
      changed[at] ^= 1;
      refused(changed);
    }
    byte[] swapped = sealed.clone();
    System.arraycopy(sealed, HEADER, swapped, HEADER + block, block);
    System.arraycopy(sealed, HEADER + block, swapped, HEADER, block);
    refused(swapped);
    byte[] dropped = Arrays.copyOf(sealed, sealed.length - block);
    System.arraycopy(sealed, HEADER + 2 * block, dropped, HEADER + block, block);
    refused(dropped);
    refused(Arrays.copyOf(sealed, HEADER + block));
    refused(Arrays.copyOf(sealed, HEADER + 2 * block));
    refused(Arrays.copyOf(sealed, HEADER + block + 5));
    refused(Arrays.copyOf(sealed, sealed.length + 1));
    refused(Arrays.copyOf(sealed, HEADER));
    refused(Arrays.copyOf(sealed, HEADER - 1));
    refused(new byte[0]);
  }

  @Test
  void anotherKeyDoesNotOpenIt() throws IOException {
    seal(plain(100), "sealed");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(
            () ->
                SealedFile.open(
                    folder.resolve("sealed"), folder.resolve("back"), ReleaseKey.generate()))
        .withMessageContaining("not its key");
    assertThat(folder.resolve("back")).doesNotExist();
    ReleaseKey same = ReleaseKey.parse(key.toHex() + "\n");
    assertThat(same.hash()).isEqualTo(key.hash());
    SealedFile.open(folder.resolve("sealed"), folder.resolve("back"), same);
    assertThat(key.toString()).doesNotContain(key.toHex());
    assertThatExceptionOfType(InputException.class).isThrownBy(() -> ReleaseKey.parse("secret"));
  }

  @Test
  void theTestReleaseHoldsImagesAndNoMasksAndItsKeyComesAtTheDeadline() throws IOException {
    Datasets.write(folder.resolve("data"), "a", "b");
    Path sealed = folder.resolve("test.sealed");
    TestRelease release = TestRelease.seal(Dataset.open(folder.resolve("data")), sealed);
    assertThat(release.announcement().images()).isEqualTo(2);
    assertThat(release.announcement().bytes()).isEqualTo(Files.size(sealed));
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("data", "test.sealed");

    Phase test = CompetitionFile.example().phase(Phase.Kind.TEST).orElseThrow();
    Instant deadline = Instant.parse("2024-05-25T06:59:00Z");
    assertThat(release.releasedKey(test, at(deadline.minusSeconds(1)))).isEmpty();
    ReleaseKey released = release.releasedKey(test, at(deadline)).orElseThrow();
    assertThat(released.hash()).isEqualTo(release.announcement().keyHash());

    SealedFile.open(sealed, folder.resolve("test.zip"), released);
    try (ZipFile zip = new ZipFile(folder.resolve("test.zip").toFile())) {
      assertThat(zip.stream().map(entry -> entry.getName()))
          .containsExactly("test.txt", "image/a.png", "image/b.png");
      assertThat(zip.getInputStream(zip.getEntry("image/b.png")).readAllBytes())
          .isEqualTo(Files.readAllBytes(folder.resolve("data/image/b.png")));
    }
  }

  private static Clock at(Instant instant) {
    return Clock.fixed(instant, ZoneOffset.UTC);
  }

  private void refused(byte[] sealed) throws IOException {
    Path file = Files.write(folder.resolve("changed"), sealed);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> SealedFile.open(file, folder.resolve("back"), key));
    assertThat(folder.resolve("back")).doesNotExist();
  }
}
