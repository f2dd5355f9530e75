package org.syntagen.server.release;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.release.ReleaseKey;
import org.syntagen.server.audit.Audit;

/** Hands out the key of the sealed test images from the deadline on; the log tells since when. */
@Component
class KeyRelease {
  private static final String ACTION = "release key";

  private final TestSet test;
  private final Phase phase;
  private final Audit audit;
  private final TransactionTemplate transaction;
  private final Clock clock;
  private boolean recorded;

  KeyRelease(
      TestSet test,
      Competition competition,
      Audit audit,
      TransactionTemplate transaction,
      Clock clock) {
    this.test = test;
    this.phase = competition.phase(Phase.Kind.TEST).orElseThrow();
    this.audit = audit;
    this.transaction = transaction;
    this.clock = clock;
  }

  /** The phase that begins with the key. */
  Phase phase() {
    return phase;
  }

  /**
   * The key, once the test phase has begun; before it is shown for the first time, that is written
   * down.
   */
  Optional<ReleaseKey> key() {
    Optional<ReleaseKey> key = test.key(phase, clock);
    key.ifPresent(this::record);
    return key;
  }

  private synchronized void record(ReleaseKey key) {
    if (!recorded) {
      Map<String, Object> details = Map.of("keySha256", key.hash());
      transaction.executeWithoutResult(
          status -> {
            if (audit.last(ACTION).filter(entry -> entry.details().equals(details)).isEmpty()) {
              audit.add("server", ACTION, details);
            }
          });
      recorded = true;
    }
  }
}
