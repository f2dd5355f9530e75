package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What strangers hand in to hurt the server, in a process of its own whose memory is measured and
 * that is started as the launcher starts one. All of it: {@code -Dsyntagen.hostile-rounds=10}.
 */
class HostileUploadsTest {
  private static final int ROUNDS = Integer.getInteger("syntagen.hostile-rounds", 1);

  private static final Path LAUNCHER = Path.of("../syntagen").toAbsolutePath().normalize();
  private static final Pattern EXPORT = Pattern.compile("export (\\w+)=\"\\$\\{\\1:-(\\w+)}\"");

  @TempDir Path folder;

  @Test
  void hostileUploadsAreRejectedForOneReasonEachAndLeaveNothing() throws Exception {
    Path log = folder.resolve("log");
    Path root = Files.createDirectories(folder.resolve("root"));
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + LAUNCHER.resolveSibling("server/java.options"),
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-cp",
                System.getProperty("java.class.path"),
                HostileUploads.class.getName(),
                root.toString(),
                Integer.toString(ROUNDS))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    EXPORT
        .matcher(Files.readString(LAUNCHER))
        .results()
        .forEach(export -> builder.environment().put(export.group(1), export.group(2)));
    Process process = builder.start();
    int code = process.waitFor();
    String printed = Files.readString(log);
    assertThat(code).as(printed).isZero();
    System.out.println(printed);
  }
}
