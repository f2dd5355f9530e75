package org.syntagen.server.decision;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.ranking.Disqualification;
import org.syntagen.challenge.verification.Verdict;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.NotFoundException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.database.Sql;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.Submission;
import org.syntagen.server.submission.Submissions;
import org.syntagen.server.team.Team;
import org.syntagen.server.team.Teams;

/** Verdicts on entries, and disqualifications. */
@Component
public class Decisions {
  private static final int MOST_TEXT = 2000;

  /**
   * A verdict on a dataset.
   *
   * @param evidence where it lies, e.g. the name of the folder that verify wrote
   */
  public record Verification(
      Instant time, String verifier, Verdict verdict, String reason, String evidence) {}

  private record About<T>(UUID id, T decision) {}

  private final JdbcClient db;
  private final Teams teams;
  private final Submissions submissions;
  private final Audit audit;
  private final Clock clock;

  Decisions(JdbcClient db, Teams teams, Submissions submissions, Audit audit, Clock clock) {
    this.db = db;
    this.teams = teams;
    this.submissions = submissions;
    this.audit = audit;
    this.clock = clock;
  }

  /** The latest verdict on each dataset that has one, by the dataset. */
  public Map<UUID, Verification> verdicts() {
    return byId(
        db.sql("select * from verification order by number")
            .query(
                (row, i) ->
                    new About<>(
                        Sql.id(row, "submission"),
                        new Verification(
                            Sql.time(row, "time"),
                            row.getString("verifier"),
                            Verdict.valueOf(row.getString("verdict")),
                            row.getString("reason"),
                            row.getString("evidence"))))
            .list());
  }

  /** The disqualifications, proposed or in force, by team. */
  public Map<UUID, Disqualification> disqualifications() {
    return byId(
        db.sql("select * from disqualification")
            .query((row, i) -> new About<>(Sql.id(row, "team"), disqualification(row)))
            .list());
  }

  private static Disqualification disqualification(ResultSet row) throws SQLException {
    String second = row.getString("signed_by");
    return new Disqualification(
        row.getString("reason"),
        row.getString("evidence").lines().toList(),
        new Disqualification.Signature(row.getString("proposed_by"), Sql.time(row, "proposed")),
        Sql.optionalTime(row, "signed").map(time -> new Disqualification.Signature(second, time)));
  }

  private static <T> Map<UUID, T> byId(List<About<T>> decisions) {
    Map<UUID, T> byId = new HashMap<>();
    decisions.forEach(each -> byId.put(each.id(), each.decision()));
    return byId;
  }

  /**
   * Records a verdict on a dataset, for as long as that is its team's entry; a later one takes its
   * place.
   */
  @Transactional
  public void verify(
      SignedIn verifier, Submission dataset, Verdict verdict, String reason, String evidence) {
    db.sql(
            "insert into verification (submission, time, verifier, verdict, reason, evidence)"
                + " values (:submission, :time, :verifier, :verdict, :reason, :evidence)")
        .param("submission", dataset.id())
        .param("time", Sql.time(clock.instant()))
        .param("verifier", verifier.name())
        .param("verdict", verdict.name())
        .param("reason", text("reason", reason))
        .param("evidence", text("evidence", evidence))
        .update();
    submissions.note(dataset.id(), Reason.VERDICT, verdict + ": " + reason.strip());
    audit.add(
        verifier.email(),
        "verify",
        Map.of(
            "team", dataset.team().name(),
            "submission", dataset.id().toString(),
            "verdict", verdict.name(),
            "reason", reason.strip(),
            "evidence", evidence.strip()));
  }

  /** Proposes to disqualify a team. */
  @Transactional
  public void propose(SignedIn organiser, UUID team, String reason, String evidence) {
    Team proposed = teams.get(team);
    Disqualification proposal =
        Disqualification.propose(
            text("reason", reason),
            text("evidence", evidence).lines().map(String::strip).toList(),
            organiser.email(),
            clock);
    if (disqualifications().containsKey(team)) {
      throw new RefusedException("a disqualification of this team is proposed already");
    }
    db.sql(
            "insert into disqualification (team, reason, evidence, proposed_by, proposed)"
                + " values (:team, :reason, :evidence, :by, :at)")
        .param("team", team)
        .param("reason", proposal.reason())
        .param("evidence", String.join("\n", proposal.evidence()))
        .param("by", organiser.email())
        .param("at", Sql.time(proposal.proposed().time()))
        .update();
    audit.add(
        organiser.email(),
        "propose disqualification",
        Map.of(
            "team", proposed.name(),
            "reason", proposal.reason(),
            "evidence", proposal.evidence()));
  }

  /**
   * Brings a disqualification into force.
   *
   * @param proposed when the one was proposed that the organiser has seen
   * @throws RefusedException if the organiser is the one who proposed it, it is in force, or it was
   *     taken back meanwhile
   */
  @Transactional
  public void signOff(SignedIn organiser, UUID team, Instant proposed) {
    Disqualification signed;
    try {
      signed = proposed(team).signOff(organiser.email(), clock);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new RefusedException(e.getMessage());
    }
    requireUnchanged(
        db.sql(
                "update disqualification set signed_by = :by, signed = :at"
                    + " where team = :team and proposed = :proposed and signed is null")
            .param("by", organiser.email())
            .param("at", Sql.time(signed.signedOff().orElseThrow().time()))
            .param("team", team)
            .param("proposed", Sql.time(proposed))
            .update());
    audit.add(
        organiser.email(),
        "disqualify",
        Map.of("team", teams.get(team).name(), "reason", signed.reason()));
  }

  /**
   * Takes a proposal back.
   *
   * @param proposed when it was made
   * @throws RefusedException if it is in force, or was taken back already
   */
  @Transactional
  public void withdraw(SignedIn organiser, UUID team, Instant proposed) {
    if (proposed(team).inForce()) {
      throw new RefusedException("the disqualification is in force; it cannot be withdrawn");
    }
    requireUnchanged(
        db.sql(
                "delete from disqualification"
                    + " where team = :team and proposed = :proposed and signed is null")
            .param("team", team)
            .param("proposed", Sql.time(proposed))
            .update());
    audit.add(
        organiser.email(), "withdraw disqualification", Map.of("team", teams.get(team).name()));
  }

  private static void requireUnchanged(int rows) {
    if (rows == 0) {
      throw new RefusedException(
          "this proposal was taken back or signed off meanwhile; look at what stands now");
    }
  }

  private Disqualification proposed(UUID team) {
    return Optional.ofNullable(disqualifications().get(team))
        .orElseThrow(() -> new NotFoundException("nobody has proposed to disqualify this team"));
  }

  private static String text(String what, String text) {
    String stripped = text.strip();
    if (stripped.isEmpty() || stripped.length() > MOST_TEXT) {
      throw new InputException(
          "the %s has %d characters; expected 1 to %d"
              .formatted(what, stripped.length(), MOST_TEXT));
    }
    return stripped;
  }
}
