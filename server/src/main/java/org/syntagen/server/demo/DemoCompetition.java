package org.syntagen.server.demo;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.syntagen.challenge.CompetitionFile;

/** The competition of 2024, its dates moved so that its private test set came out yesterday. */
public final class DemoCompetition {
  static final String TITLE = "SyntaGen Competition (demo)";

  private static final LocalDate TEST_DAY = LocalDate.of(2024, 5, 24);
  private static final ZoneId ZONE = ZoneId.of("America/Los_Angeles"); // of the competition
  private static final Pattern TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d");

  private DemoCompetition() {}

  /** The competition's file as of an instant. */
  public static String yaml(Instant now) {
    LocalDate yesterday = LocalDate.ofInstant(now, ZONE).minusDays(1);
    long days = ChronoUnit.DAYS.between(TEST_DAY, yesterday);
    return TIME.matcher(CompetitionFile.exampleText())
        .replaceAll(time -> moved(time, days))
        .replace("title: SyntaGen Competition 2024", "title: " + TITLE);
  }

  private static String moved(MatchResult time, long days) {
    return LocalDateTime.parse(time.group()).plusDays(days).toString();
  }
}
