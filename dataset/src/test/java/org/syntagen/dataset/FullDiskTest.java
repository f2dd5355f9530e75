package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskTest {
  @TempDir Path temp;

  @Test
  void aFullDiskIsSaidInOneLineAndARefusedOneIsTheUsersToMend() {
    Path file = Path.of("data", "image", "000001.png");
    assertThat(StorageException.of(file, new IOException("No space left on device")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the disk is full")
        .hasMessageContaining("000001.png");
    assertThat(StorageException.of(file, new AccessDeniedException("data")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("Permission denied");
    assertThat(StorageException.of(file, new IOException("Input/output error")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("was not written: Input/output error");
  }

  @Test
  void aRunOnAFullDiskLeavesNothingHalfWrittenAndGoesOnWhenThereIsRoom() throws Exception {
    Path disk = Files.createDirectory(temp.resolve("disk"));
    String refusal = mount(disk);
    assumeThat(refusal)
        .as("no small file system can be mounted here, so a full disk is not tried: %s", refusal)
        .isEmpty();
    try {
      Path folder = disk.resolve("data");
      Path ballast = disk.resolve("ballast");
      Files.write(ballast, new byte[512 << 10]);
      DatasetHeader header = Pictures.header(40, 1);
      try (DatasetWriter writer = DatasetWriter.open(folder, header, Shard.WHOLE)) {
        assertThatExceptionOfType(StorageException.class)
            .isThrownBy(() -> write(writer))
            .withMessageContaining("the disk is full");
      }
      assertThat(folder.resolve("dataset.json")).doesNotExist();
      for (String kind : new String[] {"image", "mask"}) {
        try (Stream<Path> files = Files.list(folder.resolve(kind))) {
          for (Path file : files.toList()) {
            assertThat(file.toString()).endsWith(".png");
            assertThat(Images.readRgb(file).getWidth()).isEqualTo(64);
          }
        }
      }
      Files.delete(ballast);
      try (DatasetWriter writer = DatasetWriter.open(folder, header, Shard.WHOLE)) {
        write(writer);
        assertThat(writer.finish()).isTrue();
      }
      Dataset dataset = Dataset.open(folder);
      assertThat(dataset.fingerprint()).isEqualTo(dataset.recordedFingerprint().orElseThrow());
    } finally {
      command("umount", disk.toString());
    }
  }

  private static void write(DatasetWriter writer) {
    writer
        .missing()
        .forEach(
            i ->
                writer.write(
                    i, Pictures.image(64, 64, i), Pictures.mask(64, 64, i), Pictures.origin(1, i)));
  }

  /** Mounts a file system of 1 MiB; returns the reason if that is not possible. */
  private static String mount(Path folder) throws Exception {
    return command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString());
  }

  private static String command(String... words) throws Exception {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes()).strip();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "it hangs";
      }
      return process.exitValue() == 0 ? "" : "it fails: " + output;
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
