package org.syntagen.server.submission;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.Receipt;
import org.syntagen.server.access.AccessRules;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.database.Sql;
import org.syntagen.server.team.Team;
import org.syntagen.server.team.Teams;

/** The submissions, moved on by uploads and jobs; {@link Commits} adds them. */
@Component
public class Submissions {
  private static final int MOST_MESSAGE = 2000;
  private static final String SELECT =
      "select s.id, s.kind, s.committed, s.state, s.arrived, s.attempts, s.claimed, s.miou, s.network,"
          + " t.id team, t.name, t.created from submission s join team t on t.id = s.team";

  private final JdbcClient db;
  private final Competition competition;
  private final Teams teams;
  private final Audit audit;
  private final Clock clock;

  Submissions(JdbcClient db, Competition competition, Teams teams, Audit audit, Clock clock) {
    this.db = db;
    this.competition = competition;
    this.teams = teams;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Adds a submission that was just committed to.
   *
   * @param document manifest or claim, as JSON
   * @param receipt as JSON, of datasets
   */
  void add(Submission submission, String document, Optional<String> receipt) {
    db.sql(
            "insert into submission (id, team, kind, committed, document, receipt, state, claimed)"
                + " values (:id, :team, :kind, :committed, :document, :receipt, :state, :claimed)")
        .param("id", submission.id())
        .param("team", submission.team().id())
        .param("kind", submission.kind().name())
        .param("committed", Sql.time(submission.committed()))
        .param("document", document)
        .param("receipt", receipt.orElse(null), Types.VARCHAR)
        .param("state", submission.state().name())
        .param("claimed", submission.claimed().orElse(null), Types.DOUBLE)
        .update();
    add(submission.id(), Reason.COMMITTED, "committed; the file may come now");
  }

  /** All submissions in the order in which they were committed to. */
  public List<Submission> all() {
    return db.sql(SELECT + " order by s.committed, s.id").query(Submissions::submission).list();
  }

  /** A team's submissions in the order in which they were committed to. */
  public List<Submission> of(Team team) {
    return db.sql(SELECT + " where s.team = :team order by s.committed, s.id")
        .param("team", team.id())
        .query(Submissions::submission)
        .list();
  }

  /**
   * A submission.
   *
   * @throws NotFoundException if there is none
   */
  public Submission get(UUID id) {
    return db.sql(SELECT + " where s.id = :id")
        .param("id", id)
        .query(Submissions::submission)
        .optional()
        .orElseThrow(() -> new NotFoundException("there is no such submission of your team"));
  }

  /**
   * A submission that an account may see.
   *
   * @throws NotFoundException if there is none, or it may not
   */
  public Submission seen(SignedIn who, UUID id) {
    Submission submission = get(id);
    AccessRules.requireMaySee(who, teams.of(who).map(Team::id), submission.team().id());
    return submission;
  }

  /**
   * A submission of an account's own team.
   *
   * @throws NotFoundException if there is none
   */
  public Submission own(SignedIn who, UUID id) {
    Submission submission = get(id);
    AccessRules.requireMember(teams.of(who).map(Team::id), submission.team().id());
    return submission;
  }

  /**
   * The dataset that a team takes part with, as far as can be told now: the latest that it
   * committed to in time, unless that is rejected or its file never came.
   */
  public Optional<Submission> competing(Team team) {
    Phase datasets = competition.phase(Phase.Kind.DATASET).orElseThrow();
    return of(team).stream()
        .filter(each -> each.kind() == Phase.Kind.DATASET)
        .filter(each -> datasets.contains(each.committed()) && each.state() != State.REJECTED)
        .filter(each -> each.state() != State.AWAITING_UPLOAD || mayArrive(each))
        .reduce((earlier, later) -> later);
  }

  /**
   * A team's latest submission of a kind, if it is of this very document and waits for its file.
   */
  Optional<Submission> awaiting(Team team, Phase.Kind kind, String document) {
    return of(team).stream()
        .filter(each -> each.kind() == kind)
        .reduce((earlier, later) -> later)
        .filter(each -> each.state() == State.AWAITING_UPLOAD && document(each).equals(document));
  }

  /** The submissions whose file did not come, and can come no more. */
  public List<Submission> lapsed() {
    return db
        .sql(SELECT + " where s.state = 'AWAITING_UPLOAD'")
        .query(Submissions::submission)
        .list()
        .stream()
        .filter(each -> !mayArrive(each))
        .toList();
  }

  /** The manifest that a team committed to. */
  public Manifest manifest(Submission submission) {
    return Manifest.parse(document(submission), "the manifest");
  }

  /** The claim that a team made of its result. */
  public Claim claim(Submission submission) {
    return Claim.parse(document(submission), "the claim");
  }

  /** The signed receipt of a dataset. */
  public Optional<Receipt> receipt(Submission submission) {
    return text(submission, "receipt")
        .map(json -> Documents.fromJson(json, Receipt.class, "the receipt"));
  }

  /** What the check of a dataset found, once it is done. */
  public Optional<DatasetReport> datasetReport(Submission submission) {
    return text(submission, "report")
        .map(json -> Documents.fromJson(json, DatasetReport.class, "the report"));
  }

  /** The score of a result, once it is there. */
  public Optional<ScoreReport> scoreReport(Submission submission) {
    return text(submission, "report")
        .map(json -> Documents.fromJson(json, ScoreReport.class, "the report"));
  }

  private String document(Submission submission) {
    return text(submission, "document").orElseThrow();
  }

  private Optional<String> text(Submission submission, String column) {
    return db.sql(
            "select " + column + " from submission where id = :id and " + column + " is not null")
        .param("id", submission.id())
        .query(String.class)
        .optional();
  }

  /** The timeline of a submission. */
  public List<Event> timeline(Submission submission) {
    return db.sql(
            "select time, reason, message from submission_event where submission = :id"
                + " order by number")
        .param("id", submission.id())
        .query(
            (row, i) ->
                new Event(
                    Sql.time(row, "time"),
                    Reason.valueOf(row.getString("reason")),
                    row.getString("message")))
        .list();
  }

  /** Whether the file of a submission has come and is still kept. */
  boolean hasFile(Submission submission) {
    return submission.state() != State.REJECTED
        && db.sql("select count(*) from upload where submission = :id and received = length")
                .param("id", submission.id())
                .query(Integer.class)
                .single()
            > 0;
  }

  /** How many submissions are in the queue ahead of one that waits there. */
  public int ahead(Submission submission) {
    return db.sql(
            "select count(*) from submission where state in ('QUEUED', 'RUNNING')"
                + " and arrived < (select arrived from submission where id = :id)")
        .param("id", submission.id())
        .query(Integer.class)
        .single();
  }

  /**
   * Until when the file of a submission may come.
   *
   * @return the end of its phase and the grace period after it
   */
  public Instant lastArrival(Submission submission) {
    Phase phase = competition.phase(submission.kind()).orElseThrow();
    return phase.end().plus(competition.limits().uploadGrace());
  }

  private boolean mayArrive(Submission submission) {
    return clock.instant().isBefore(lastArrival(submission));
  }

  /** The last byte of the file came at an instant; its job may begin. */
  @Transactional
  public void arrived(Submission submission, Instant at) {
    db.sql("update submission set state = 'QUEUED', arrived = :at where id = :id")
        .param("at", Sql.time(at))
        .param("id", submission.id())
        .update();
    add(submission.id(), Reason.UPLOADED, "the file is here and waits for its turn");
  }

  /**
   * A job begins with a submission.
   *
   * @return the submission; empty if it is decided already
   */
  @Transactional
  public Optional<Submission> begin(UUID id) {
    int begun =
        db.sql(
                "update submission set state = 'RUNNING', attempts = attempts + 1"
                    + " where id = :id and state in ('QUEUED', 'RUNNING')")
            .param("id", id)
            .update();
    if (begun == 0) {
      return Optional.empty();
    }
    add(id, Reason.STARTED, "being looked at");
    return Optional.of(get(id));
  }

  /** The job will be begun again. */
  @Transactional
  public void retry(Submission submission, String message) {
    db.sql("update submission set state = 'QUEUED' where id = :id and state = 'RUNNING'")
        .param("id", submission.id())
        .update();
    add(submission.id(), Reason.RETRYING, message);
  }

  /** An organiser has a failed submission looked at again. */
  @Transactional
  public void revive(SignedIn organiser, Submission submission) {
    int revived =
        db.sql(
                "update submission set state = 'QUEUED', attempts = 0"
                    + " where id = :id and state = 'FAILED'")
            .param("id", submission.id())
            .update();
    if (revived == 0) {
      throw new RefusedException("only submissions that failed by our fault are begun again");
    }
    add(submission.id(), Reason.RETRYING, "an organiser has it looked at again");
    audit.add(organiser.email(), "retry", Map.of("submission", submission.id().toString()));
  }

  /** The checkpoint of a result has this fingerprint. */
  public void recordNetwork(Submission submission, String network) {
    db.sql("update submission set network = :network where id = :id")
        .param("network", network)
        .param("id", submission.id())
        .update();
  }

  /** The check of a dataset, or the score of a result, is done. */
  @Transactional
  public void accept(Submission submission, Optional<Double> miou, String message, Object report) {
    decide(submission, State.ACCEPTED, Reason.ACCEPTED, message, miou, Optional.of(report));
  }

  /** The team has made a mistake. */
  @Transactional
  public void reject(
      Submission submission, Reason reason, String message, Optional<DatasetReport> report) {
    decide(submission, State.REJECTED, reason, message, Optional.empty(), report);
  }

  /** The platform has failed. */
  @Transactional
  public void fail(Submission submission, String message) {
    decide(
        submission,
        State.FAILED,
        Reason.PLATFORM_FAULT,
        message,
        Optional.empty(),
        Optional.empty());
  }

  private void decide(
      Submission submission,
      State state,
      Reason reason,
      String message,
      Optional<Double> miou,
      Optional<?> report) {
    int decided =
        db.sql(
                "update submission set state = :state, miou = :miou, report = :report"
                    + " where id = :id and state = 'RUNNING'")
            .param("state", state.name())
            .param("miou", miou.orElse(null), Types.DOUBLE)
            .param("report", report.map(Documents::toCanonicalJson).orElse(null), Types.VARCHAR)
            .param("id", submission.id())
            .update();
    if (decided == 0) {
      return; // another job that took this one for dead was faster
    }
    String line = clipped(message);
    add(submission.id(), reason, line);
    audit.add(
        "server",
        "decide",
        Map.of(
            "team", submission.team().name(),
            "submission", submission.id().toString(),
            "state", state.name(),
            "reason", reason.name(),
            "message", line));
  }

  /** What strangers' files put into messages may be long, and hold what no database takes. */
  private static String clipped(String message) {
    String line = message.replaceAll("\\p{Cntrl}", "?");
    return line.length() > MOST_MESSAGE ? line.substring(0, MOST_MESSAGE) : line;
  }

  /** Adds to the timeline of a submission what changes nothing about it. */
  @Transactional
  public void note(UUID submission, Reason reason, String message) {
    add(submission, reason, clipped(message));
  }

  private void add(UUID submission, Reason reason, String message) {
    db.sql(
            "insert into submission_event (submission, time, reason, message)"
                + " values (:submission, :time, :reason, :message)")
        .param("submission", submission)
        .param("time", Sql.time(clock.instant()))
        .param("reason", reason.name())
        .param("message", message)
        .update();
  }

  private static Submission submission(ResultSet row, int number) throws SQLException {
    return new Submission(
        Sql.id(row, "id"),
        new Team(Sql.id(row, "team"), row.getString("name"), Sql.time(row, "created")),
        Phase.Kind.valueOf(row.getString("kind")),
        Sql.time(row, "committed"),
        State.valueOf(row.getString("state")),
        Sql.optionalTime(row, "arrived"),
        row.getInt("attempts"),
        Optional.ofNullable(row.getObject("claimed", Double.class)),
        Optional.ofNullable(row.getObject("miou", Double.class)),
        Optional.ofNullable(row.getString("network")));
  }
}
