package org.syntagen.server.replication;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.verification.Replication;
import org.syntagen.challenge.verification.Verdict;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.account.Accounts;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.database.Sql;
import org.syntagen.server.decision.Decisions;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;

/** The entries that verifiers have had made again; what comes out is a verdict on the team. */
@Component
public class Reruns {
  private static final int MOST_SEED = 200;
  private static final int MOST_REASON = 2000;
  private static final String SELECT =
      "select rerun.*, account.name from rerun join account on account.id = rerun.account";

  private final JdbcClient db;
  private final Submissions submissions;
  private final Decisions decisions;
  private final Accounts accounts;
  private final Audit audit;
  private final Clock clock;

  Reruns(
      JdbcClient db,
      Submissions submissions,
      Decisions decisions,
      Accounts accounts,
      Audit audit,
      Clock clock) {
    this.db = db;
    this.submissions = submissions;
    this.decisions = decisions;
    this.accounts = accounts;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Has a dataset's samples made again; its job is still to be scheduled.
   *
   * @param retrain whether a network is to be trained on it, too
   */
  @Transactional
  public UUID request(SignedIn verifier, Submission dataset, String publicSeed, boolean retrain) {
    String seed = publicSeed.strip();
    if (seed.isEmpty() || seed.length() > MOST_SEED) {
      throw new InputException(
          "the public seed has %d characters; expected 1 to %d"
              .formatted(seed.length(), MOST_SEED));
    }
    UUID id = UUID.randomUUID();
    db.sql(
            "insert into rerun (id, submission, account, requested, public_seed, retrain, state)"
                + " values (:id, :submission, :account, :now, :seed, :retrain, 'QUEUED')")
        .param("id", id)
        .param("submission", dataset.id())
        .param("account", verifier.account())
        .param("now", Sql.time(clock.instant()))
        .param("seed", seed)
        .param("retrain", retrain)
        .update();
    audit.add(
        verifier.email(),
        "replicate",
        Map.of(
            "submission",
            dataset.id().toString(),
            "rerun",
            id.toString(),
            "publicSeed",
            seed,
            "retrain",
            retrain));
    return id;
  }

  /** What was made again of a dataset, newest first. */
  public List<Rerun> of(Submission dataset) {
    return db.sql(SELECT + " where submission = :id order by requested desc, rerun.id")
        .param("id", dataset.id())
        .query(Reruns::rerun)
        .list();
  }

  /**
   * One of them.
   *
   * @throws NotFoundException if there is none
   */
  public Rerun get(UUID id) {
    return db.sql(SELECT + " where rerun.id = :id")
        .param("id", id)
        .query(Reruns::rerun)
        .optional()
        .orElseThrow(() -> new NotFoundException("nothing was made again under this id"));
  }

  /**
   * A job begins with one.
   *
   * @return empty if it is done already
   */
  @Transactional
  public Optional<Rerun> begin(UUID id) {
    int begun =
        db.sql(
                "update rerun set state = 'RUNNING', attempts = attempts + 1"
                    + " where id = :id and state in ('QUEUED', 'RUNNING')")
            .param("id", id)
            .update();
    if (begun == 0) {
      return Optional.empty();
    }
    Rerun rerun = get(id);
    submissions.note(
        rerun.submission(), Reason.REPLICATING, "the server makes drawn samples again");
    return Optional.of(rerun);
  }

  /** It is done: the verdict holds for the team. */
  @Transactional
  public void end(Rerun rerun, Replication replication) {
    // A manifest may hold long texts, which the reason may quote.
    String reason =
        replication.reason().length() > MOST_REASON
            ? replication.reason().substring(0, MOST_REASON)
            : replication.reason();
    if (end(rerun, Rerun.State.DONE, Optional.of(replication.verdict()), reason)) {
      decisions.verify(
          accounts.byId(rerun.account()).orElseThrow(),
          submissions.get(rerun.submission()),
          replication.verdict(),
          reason,
          "made again by the server: " + rerun.id());
    }
  }

  /** The platform has failed. */
  @Transactional
  public void fail(Rerun rerun, String message) {
    end(rerun, Rerun.State.FAILED, Optional.empty(), message);
  }

  private boolean end(Rerun rerun, Rerun.State state, Optional<Verdict> verdict, String message) {
    return db.sql(
                "update rerun set state = :state, verdict = :verdict, message = :message"
                    + " where id = :id and state = 'RUNNING'")
            .param("state", state.name())
            .param("verdict", verdict.map(Verdict::name).orElse(null), Types.VARCHAR)
            .param("message", message)
            .param("id", rerun.id())
            .update()
        > 0;
  }

  private static Rerun rerun(ResultSet row, int number) throws SQLException {
    return new Rerun(
        Sql.id(row, "id"),
        Sql.id(row, "submission"),
        Sql.id(row, "account"),
        row.getString("name"),
        Sql.time(row, "requested"),
        row.getString("public_seed"),
        row.getBoolean("retrain"),
        Rerun.State.valueOf(row.getString("state")),
        row.getInt("attempts"),
        Optional.ofNullable(row.getString("verdict")).map(Verdict::valueOf),
        row.getString("message"));
  }
}
