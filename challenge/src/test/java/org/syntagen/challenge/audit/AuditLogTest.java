package org.syntagen.challenge.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.SplitMix64;

class AuditLogTest {
  private static final Instant START = Instant.parse("2024-05-25T06:00:00Z");

  @TempDir Path folder;
  private AuditLog log;
  private Path file;

  @BeforeEach
  void aLogOfSixEntries() {
    log = new AuditLog(Clock.tick(Clock.fixed(START, ZoneOffset.UTC), Duration.ofMillis(1)));
    for (int i = 0; i < 6; i++) {
      log.append("anna", "commit", Map.of("team", "team " + i, "score", 47.36));
    }
    file = folder.resolve("audit.jsonl");
    log.export(file);
  }

  @Test
  void anExportedLogHolds() {
    AuditLog.Verification found = AuditLog.verify(file);
    assertThat(found.broken()).isEmpty();
    assertThat(found.entries()).isEqualTo(6);
    assertThat(found.head()).isEqualTo(log.head()).isNotEqualTo(AuditEntry.NONE);
  }

  @Test
  void theFirstBrokenEntryIsNamed() throws IOException {
    List<String> lines = Files.readAllLines(file);
    List<String> removed = new ArrayList<>(lines);
    removed.remove(2);
    broken(removed, 3, "says it is number 4");
    List<String> swapped = new ArrayList<>(lines);
    Collections.swap(swapped, 3, 4);
    broken(swapped, 4, "says it is number 5");
    broken(changed(lines, 1, "team 1", "team 9"), 2, "is not what its hash was taken of");
    broken(changed(lines, 4, "\"number\":5", "\"number\": 5"), 5, "is not what its hash");
    broken(changed(lines, 5, "\"actor\"", "\"actress\""), 6, "the key");
    broken(changed(lines, 2, "{", "["), 3, "entry 3");
  }

  @Test
  void anEntryHashedAnewBreaksTheOneThatFollows() throws IOException {
    List<String> lines = Files.readAllLines(file);
    AuditEntry third = log.entries().get(2);
    AuditEntry forged =
        AuditEntry.after(
            Optional.of(log.entries().get(1)),
            third.time(),
            "anna",
            "commit",
            Map.of("team", "other"));
    lines.set(2, forged.toLine());
    broken(lines, 4, "does not follow the one ahead of it");
  }

  @Test
  void anyChangedByteBreaksTheLog() throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    SplitMix64 random = new SplitMix64(3);
    for (int run = 0; run < 300; run++) {
      byte[] damaged = bytes.clone();
      int at = random.nextInt(bytes.length - 1); // the last line break may go
      damaged[at] ^= (byte) (1 << random.nextInt(7));
      Files.write(file, damaged);
      assertThat(AuditLog.verify(file).broken()).as("byte %d", at).isPresent();
    }
  }

  @Test
  void whatWasCutOffShowsInTheHead() throws IOException {
    List<String> lines = Files.readAllLines(file);
    Files.write(file, lines.subList(0, 4));
    AuditLog.Verification found = AuditLog.verify(file);
    assertThat(found.broken()).isEmpty();
    assertThat(found.entries()).isEqualTo(4);
    assertThat(found.head()).isNotEqualTo(log.head());
    Files.write(file, new byte[0]);
    assertThat(AuditLog.verify(file)).matches(none -> none.head().equals(AuditEntry.NONE));
  }

  @Test
  void timesNeverGoBack() {
    List<Instant> times =
        new ArrayList<>(List.of(START, START.minusSeconds(60), START.plusSeconds(1)));
    AuditLog odd =
        new AuditLog(
            new Clock() {
              @Override
              public ZoneOffset getZone() {
                return ZoneOffset.UTC;
              }

              @Override
              public Clock withZone(ZoneId zone) {
                return this;
              }

              @Override
              public Instant instant() {
                return times.remove(0);
              }
            });
    for (int i = 0; i < 3; i++) {
      odd.append("host", "tick", Map.of());
    }
    assertThat(odd.entries())
        .extracting(AuditEntry::time)
        .containsExactlyElementsOf(Arrays.asList(START, START, START.plusSeconds(1)));
  }

  private void broken(List<String> lines, int entry, String reason) throws IOException {
    Files.write(file, lines);
    AuditLog.Verification found = AuditLog.verify(file);
    assertThat(found.entries()).isEqualTo(entry - 1);
    assertThat(found.broken()).get().asString().startsWith("entry " + entry).contains(reason);
  }

  private static List<String> changed(List<String> lines, int at, String old, String now) {
    List<String> changed = new ArrayList<>(lines);
    assertThat(changed.get(at)).contains(old);
    changed.set(at, changed.get(at).replace(old, now));
    return changed;
  }
}
