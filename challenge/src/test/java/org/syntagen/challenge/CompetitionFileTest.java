package org.syntagen.challenge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.regex.Pattern;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;

class CompetitionFileTest {
  private static final Competition EXAMPLE = CompetitionFile.example();

  @TempDir Path folder;

  @Test
  void theCompetitionOf2024IsAsItWasAnnounced() {
    assertThat(EXAMPLE.timeZone()).isEqualTo(ZoneId.of("America/Los_Angeles"));
    assertThat(EXAMPLE.phase(Phase.Kind.DATASET).orElseThrow().end())
        .isEqualTo(Instant.parse("2024-05-25T06:59:00Z"));
    assertThat(EXAMPLE.phase(Phase.Kind.TEST).orElseThrow().end())
        .isEqualTo(Instant.parse("2024-05-28T06:59:00Z"));
    assertThat(EXAMPLE.rules().maxPairs()).isEqualTo(10_000);
    assertThat(EXAMPLE.rules().classes()).isEqualTo(ClassSet.VOC.names());
    assertThat(EXAMPLE.rules().training())
        .isEqualTo(new Rules.Training("deeplabv3_resnet50", 10_000, 8));
    assertThat(EXAMPLE.prizes()).extracting(Prize::amount).containsExactly(1000, 500);
    assertThat(EXAMPLE.winners()).isEqualTo(2);
  }

  @Test
  void theSecondBeforeADeadlineIsInThePhaseAndTheDeadlineInTheNext() {
    Instant deadline = Instant.parse("2024-05-25T06:59:00Z");
    assertThat(EXAMPLE.phaseAt(deadline.minusSeconds(1)).orElseThrow().kind())
        .isEqualTo(Phase.Kind.DATASET);
    assertThat(EXAMPLE.phaseAt(deadline).orElseThrow().kind()).isEqualTo(Phase.Kind.TEST);
    assertThat(EXAMPLE.phaseAt(Instant.parse("2024-06-15T06:59:00Z"))).isEmpty();
  }

  @Test
  void localTimesFollowTheClockChange() throws IOException {
    // California's clocks went forward on 10 March 2024: the day has 23 hours.
    Phase phase = parse("start: 2024-03-01T00:00", "start: 2024-03-10T00:00").phases().get(0);
    assertThat(phase.start()).isEqualTo(Instant.parse("2024-03-10T08:00:00Z"));
    Phase next = parse("start: 2024-03-01T00:00", "start: 2024-03-11T00:00").phases().get(0);
    assertThat(next.start()).isEqualTo(Instant.parse("2024-03-11T07:00:00Z"));
    refused("start: 2024-03-01T00:00", "start: 2024-03-10T02:30").contains("does not exist");
    refused("start: 2024-03-01T00:00", "start: 2023-11-05T01:30").contains("comes twice");
    assertThat(
            parse("start: 2024-03-01T00:00", "start: 2023-11-05T01:30-08:00")
                .phases()
                .get(0)
                .start())
        .isEqualTo(Instant.parse("2023-11-05T09:30:00Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max_pairs: | most_pairs: | line 38: the key rules.max_pairs is missing",
        "title: SyntaGen | titel: SyntaGen | the key title is missing",
        "  max_pairs: 10000 | '' | the key rules.max_pairs is missing",
        "max_pairs: 10000 | max_pairs: 0 | rules: max_pairs is 0; expected 1 to 1000000",
        "max_pairs: 10000 | max_pairs: many | rules.max_pairs: expected a whole number",
        "max_pairs: 10000 | max_pairs: 1.5 | rules.max_pairs: expected a whole number",
        "max_pairs: 10000 | max_pairs: '10' | rules.max_pairs: expected a whole number",
        "max_pairs: 10000 | max_pairs: 99999999999 | out of range of",
        "width: 512 | max_pairs: 512 | Duplicate",
        "kind: test | kind: tset | phases[1].kind: expected one of DATASET, TEST",
        "kind: test | kind: dataset | the phases are of the kinds",
        "start: 2024-05-24T23:59 | start: 2024-05-24T23:58 | before \"Synthetic datasets\" has"
            + " ended",
        "end: 2024-05-24T23:59 | end: 2023-05-24T23:59 | expected an end after the start",
        "end: 2024-05-24T23:59 | end: yesterday | \"yesterday\" is no time",
        "America/Los_Angeles | PDT | \"PDT\" is no IANA zone",
        "{rank: 1, amount: 1000, currency: USD} | null | prizes[0]: expected keys and their values",
        "bird, | null, | rules.classes[3]: expected text",
        "max_pairs: 10000 | 'max_pairs: ' | rules.max_pairs: expected a whole number",
        "rank: 2 | rank: 3 | prize 2 has rank 3; expected 2",
        "currency: USD | currency: dollars | prizes[0].currency",
        "[stable-diffusion-1, stable-diffusion-2] | [] | generators []: expected at least one",
        "min_mask_iou: 0.9 | min_mask_iou: .nan | min_mask_iou is NaN; expected 0.0 to 1.0",
        "bird, | cat, | each name once",
        "version: 1 | version: 2 | version is 2; this program reads 1",
      })
  void whatIsUnknownMissingOrContradictoryIsNamed(String old, String now, String message) {
    refused(old, now).contains(message);
  }

  @Test
  void anUnknownKeyIsRefusedWithThoseThatAreKnown() {
    refused("width: 512", "width: 512\n  depth: 3")
        .contains("the key rules.depth is unknown; expected one of classes, generators, height");
  }

  @ParameterizedTest
  @CsvSource({"''", "[]", "'- a\n- b'", "'a: [b'", "'\u0000'", "'title: &a [*a]'"})
  void whatIsNoCompetitionIsRefused(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("competition.yaml"), text);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> CompetitionFile.read(file))
        .withMessageContaining("competition.yaml")
        .matches(e -> e.getMessage().lines().count() == 1, "one line");
  }

  @Test
  void aliasesAreNotMultiplied() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> CompetitionFile.parse(bomb.toString(), "bomb"))
        .withMessageContaining("the key version is missing");
  }

  @Test
  void aMissingOrEndlessFileIsNamed() throws IOException {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> CompetitionFile.read(folder.resolve("none.yaml")))
        .withMessageContaining("there is no such file");
    Path file = Files.write(folder.resolve("large.yaml"), new byte[5 << 20]);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> CompetitionFile.read(file))
        .withMessageContaining("larger than 4 MiB");
  }

  private static AbstractStringAssert<?> refused(String old, String now) {
    try {
      parse(old, now);
    } catch (InputException e) {
      assertThat(e.getMessage().lines()).hasSize(1);
      return assertThat(e.getMessage()).startsWith("competition.yaml");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("accepted with " + now);
  }

  private static Competition parse(String old, String now) throws IOException {
    try (InputStream in = CompetitionFile.class.getResourceAsStream("syntagen-2024.yaml")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(text).contains(old);
      return CompetitionFile.parse(text.replaceFirst(Pattern.quote(old), now), "competition.yaml");
    }
  }
}
