package org.syntagen.server.page;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.springframework.stereotype.Component;
import org.syntagen.challenge.Competition;

/** Instants as people read them. The viewer's own time is up to the browser. */
@Component("times")
public class Times {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm", Locale.ENGLISH);

  private final ZoneId zone;

  Times(Competition competition) {
    this.zone = competition.timeZone();
  }

  /** In the competition's zone, to the minute. */
  public String local(Instant instant) {
    return FORMAT.format(instant.atZone(zone));
  }

  /** In UTC, to the minute. */
  public String utc(Instant instant) {
    return FORMAT.format(instant.atZone(ZoneOffset.UTC));
  }
}
