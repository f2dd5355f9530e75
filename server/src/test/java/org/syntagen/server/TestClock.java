package org.syntagen.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** A clock that stands still, or runs ahead of the machine's, as it was told last. */
final class TestClock extends Clock {
  private volatile InstantSource source;

  TestClock(Instant now) {
    set(now);
  }

  /** Lets it stand still at an instant. */
  void set(Instant now) {
    source = () -> now;
  }

  /** Lets it run, by so much ahead of the machine's, in whole milliseconds. */
  void run(Duration ahead) {
    source = () -> Instant.now().plus(ahead).truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  public Instant instant() {
    return source.instant();
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}
