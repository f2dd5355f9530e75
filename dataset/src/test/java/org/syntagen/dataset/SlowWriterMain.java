package org.syntagen.dataset;

import java.io.IOException;
import java.nio.file.Path;

/** Writes a dataset slowly, to be killed in the middle. */
final class SlowWriterMain {
  private SlowWriterMain() {}

  public static void main(String[] args) throws InterruptedException {
    Path folder = Path.of(args[0]);
    DatasetHeader header = Pictures.header(Integer.parseInt(args[1]), Long.parseLong(args[2]));
    try (DatasetWriter writer = DatasetWriter.open(folder, header, Shard.WHOLE)) {
      while (writer.missing().findAny().isPresent()) {
        Pictures.writeSome(writer, 1);
        Thread.sleep(400);
      }
      writer.finish();
    }
  }

  /** Starts this class in a process of its own. */
  static Process start(Path folder, int count, long seed) throws IOException {
    String classpath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-Djava.awt.headless=true",
            "-cp",
            classpath,
            SlowWriterMain.class.getName(),
            folder.toString(),
            Integer.toString(count),
            Long.toString(seed))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
