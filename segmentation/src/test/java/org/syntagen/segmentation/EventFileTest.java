package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir private Path folder;

  @Test
  void aFileIsThatWhichTensorBoardWrites() throws IOException {
    Path file = folder.resolve("run/events");
    try (EventFile events =
        EventFile.begin(file, InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_250L)))) {
      events.scalar("loss", 1, 2.5);
      events.scalar("learning_rate", 300, 0.01);
      events.scalar("loss", 5_000_000_000L, Double.NaN);
      assertThat(Files.size(file)).as("before it is closed").isPositive();
    }
    // recorded by parity/segmentation/events.py
    try (InputStream recorded = EventFileTest.class.getResourceAsStream("events.tfevents")) {
      assertThat(Files.readAllBytes(file)).isEqualTo(recorded.readAllBytes());
    }
  }

  @Test
  void theNameIsOneThatTensorBoardLooksFor() throws IOException {
    EventFile.in(folder).close();
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .singleElement()
          .asString()
          .startsWith("events.out.tfevents.");
    }
  }
}
