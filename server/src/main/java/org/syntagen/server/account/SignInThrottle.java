package org.syntagen.server.account;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.context.event.EventListener;
import org.springframework.security.authentication.event.AuthenticationFailureBadCredentialsEvent;
import org.springframework.security.authentication.event.AuthenticationSuccessEvent;
import org.springframework.stereotype.Component;

/**
 * Lets nobody guess passwords: after ten wrong ones in a row, an address waits for ten minutes.
 * Kept in memory, for the addresses that failed last.
 */
@Component
class SignInThrottle {
  static final int MOST_FAILURES = 10;
  static final Duration WAIT = Duration.ofMinutes(10);
  private static final int MOST_ADDRESSES = 10_000;

  private record Failures(int inARow, Instant last) {}

  private final Clock clock;
  private final Map<String, Failures> failures =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
          return size() > MOST_ADDRESSES;
        }
      };

  SignInThrottle(Clock clock) {
    this.clock = clock;
  }

  /** Whether an address has to wait. */
  synchronized boolean waits(String email) {
    Failures known = failures.get(key(email));
    return known != null
        && known.inARow >= MOST_FAILURES
        && clock.instant().isBefore(known.last.plus(WAIT));
  }

  @EventListener
  synchronized void failed(AuthenticationFailureBadCredentialsEvent event) {
    String email = event.getAuthentication().getName();
    if (waits(email)) {
      return; // nobody can keep somebody else waiting for longer
    }
    failures.merge(
        key(email),
        new Failures(1, clock.instant()),
        (before, now) ->
            before.inARow >= MOST_FAILURES // it has waited for that
                ? now
                : new Failures(before.inARow + 1, now.last));
  }

  @EventListener
  synchronized void succeeded(AuthenticationSuccessEvent event) {
    failures.remove(key(event.getAuthentication().getName()));
  }

  private static String key(String email) {
    return email.strip().toLowerCase(Locale.ROOT);
  }
}
