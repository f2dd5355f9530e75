package org.syntagen.server.audit;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.syntagen.challenge.audit.AuditEntry;

/** Adds entries in the transaction of what they tell of, so that neither is there alone. */
@Component
public class Audit {
  private final JdbcClient db;
  private final Clock clock;
  private final AtomicInteger lastNumber = new AtomicInteger();

  Audit(JdbcClient db, Clock clock) {
    this.db = db;
    this.clock = clock;
  }

  /** Adds an entry; see {@link AuditEntry#after}. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void add(String actor, String action, Map<String, Object> details) {
    db.sql("select one from audit_lock for update").query(Integer.class).single();
    AuditEntry entry = AuditEntry.after(last(), clock.instant(), actor, action, details);
    db.sql("insert into audit_entry (number, line) values (:number, :line)")
        .param("number", entry.number())
        .param("line", entry.toLine())
        .update();
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            lastNumber.accumulateAndGet(entry.number(), Math::max);
          }
        });
  }

  /** The number of the last entry that this server has added; 0 for none since it started. */
  public int lastNumber() {
    return lastNumber.get();
  }

  /** The hash of the last entry. */
  public String head() {
    return last().map(AuditEntry::hash).orElse(AuditEntry.NONE);
  }

  /** The newest entries, newest first. */
  public List<AuditEntry> newest(int most) {
    return db
        .sql("select line from audit_entry order by number desc limit :most")
        .param("most", most)
        .query(String.class)
        .list()
        .stream()
        .map(line -> AuditEntry.parse(line, "audit log"))
        .toList();
  }

  /** Hands out all lines in their order, without line breaks. */
  @Transactional(readOnly = true)
  public void lines(Consumer<String> to) {
    db.sql("select line from audit_entry order by number")
        .withFetchSize(500)
        .query(
            row -> {
              to.accept(row.getString(1));
            });
  }

  /** The newest entry of an action. */
  public Optional<AuditEntry> last(String action) {
    return db.sql(
            "select line from audit_entry where line like :action order by number desc limit 1")
        .param("action", "%\"action\":\"" + action + "\"%")
        .query(String.class)
        .optional()
        .map(line -> AuditEntry.parse(line, "audit log"))
        .filter(entry -> entry.action().equals(action));
  }

  private Optional<AuditEntry> last() {
    return newest(1).stream().findFirst();
  }
}
