package org.syntagen.challenge;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.syntagen.dataset.InputException;

/**
 * A competition as a YAML file, with names close to those of Codabench's competition.yaml. Keys
 * that it does not know are refused, so that a rule with a slip of the pen is not silently without
 * effect.
 *
 * <p>Times are local to {@code time_zone}, such as {@code 2024-05-24T23:59}. A time that a clock
 * change skips or repeats is refused unless it carries its offset: {@code 2024-11-03T01:30-07:00}.
 */
public final class CompetitionFile {
  private static final int VERSION = 1;
  private static final String EXAMPLE = "syntagen-2024.yaml";

  /** The file's keys. */
  private record Keys(
      int version,
      String title,
      String description,
      String timeZone,
      List<PhaseKeys> phases,
      Rules rules,
      Limits limits,
      List<Prize> prizes,
      Tolerance tolerance) {}

  private record PhaseKeys(String name, Phase.Kind kind, String start, String end) {}

  private CompetitionFile() {}

  /**
   * Reads a competition.
   *
   * @throws InputException if the file is missing, is not YAML, has an unknown or missing key, or
   *     contradicts itself
   */
  public static Competition read(Path file) {
    return parse(Documents.text(file), file.toString());
  }

  /** The public competition of 2024, which comes with the program. */
  public static Competition example() {
    return parse(exampleText(), EXAMPLE);
  }

  /** The text of {@link #example}, to start a competition from. */
  public static String exampleText() {
    try (InputStream in = CompetitionFile.class.getResourceAsStream(EXAMPLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param where what to call the text in an error
   */
  static Competition parse(String yaml, String where) {
    Keys keys = Documents.fromYaml(yaml, Keys.class, where);
    try {
      if (keys.version != VERSION) {
        throw new IllegalArgumentException(
            "version is %d; this program reads %d".formatted(keys.version, VERSION));
      }
      ZoneId zone = zone(keys.timeZone);
      return new Competition(
          keys.title,
          keys.description,
          zone,
          keys.phases.stream().map(phase -> phase(phase, zone)).toList(),
          keys.rules,
          keys.limits,
          keys.prizes,
          keys.tolerance);
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }

  private static ZoneId zone(String name) {
    if (!ZoneId.getAvailableZoneIds().contains(name)) {
      throw new IllegalArgumentException(
          "time_zone \"%s\" is no IANA zone; expected one such as America/Los_Angeles or Etc/GMT+12"
              .formatted(name));
    }
    return ZoneId.of(name);
  }

  private static Phase phase(PhaseKeys keys, ZoneId zone) {
    return new Phase(keys.name, keys.kind, instant(keys.start, zone), instant(keys.end, zone));
  }

  private static Instant instant(String text, ZoneId zone) {
    try {
      var time =
          DateTimeFormatter.ISO_DATE_TIME.parseBest(
              text, OffsetDateTime::from, LocalDateTime::from);
      if (time instanceof OffsetDateTime exact) {
        return exact.toInstant();
      }
      LocalDateTime local = (LocalDateTime) time;
      List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
      if (offsets.size() != 1) {
        throw new IllegalArgumentException(
            "the time %s %s in %s because of a clock change; give its offset, e.g. %s-07:00"
                .formatted(text, offsets.isEmpty() ? "does not exist" : "comes twice", zone, text));
      }
      return local.toInstant(offsets.get(0));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "\"%s\" is no time; expected one such as 2024-05-24T23:59".formatted(text), e);
    }
  }
}
