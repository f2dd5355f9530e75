package org.syntagen.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.Phase;

class DemoCompetitionTest {
  @TempDir Path folder;

  @Test
  void theTestSetIsOutAtWhateverHourTheDemoIsMade() throws IOException {
    Path file = folder.resolve("demo.yaml");
    for (int hour = 0; hour < 48; hour++) {
      Instant now = Instant.parse("2030-02-10T00:00:00Z").plus(Duration.ofHours(hour));
      Files.writeString(file, DemoCompetition.yaml(now));
      Competition demo = CompetitionFile.read(file);
      assertThat(demo.phase(Phase.Kind.TEST).orElseThrow().contains(now))
          .as(now.toString())
          .isTrue();
    }
  }
}
