package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What strangers hand in to hurt the server, in a process of its own whose memory is measured. All
 * of it: {@code -Dsyntagen.hostile-rounds=10}.
 */
class HostileUploadsTest {
  private static final int ROUNDS = Integer.getInteger("syntagen.hostile-rounds", 1);

  @TempDir Path folder;

  @Test
  void hostileUploadsAreRejectedForOneReasonEachAndLeaveNothing() throws Exception {
    Path log = folder.resolve("log");
    Path root = Files.createDirectories(folder.resolve("root"));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                HostileUploads.class.getName(),
                root.toString(),
                Integer.toString(ROUNDS))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("MALLOC_ARENA_MAX", "2"); // glibc's default grows with cores
    Process process = builder.start();
    int code = process.waitFor();
    String printed = Files.readString(log);
    assertThat(code).as(printed).isZero();
    System.out.println(printed);
  }
}
