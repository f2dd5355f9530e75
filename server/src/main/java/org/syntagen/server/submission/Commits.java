package org.syntagen.server.submission;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.HostKey;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.Quota;
import org.syntagen.challenge.submission.Receipt;
import org.syntagen.dataset.InputException;
import org.syntagen.server.access.RefusedException;
import org.syntagen.server.access.SignedIn;
import org.syntagen.server.audit.Audit;
import org.syntagen.server.release.TestSet;
import org.syntagen.server.team.Team;
import org.syntagen.server.team.Teams;

/**
 * Takes what teams commit to. The instant at which it does decides whether they were in time. A
 * team that commits once more to what it committed to last, and whose file is still to come, gets
 * the same submission and uses no quota: so an answer that was lost can be asked for again.
 */
@Component
public class Commits {
  private final JdbcClient db;
  private final Competition competition;
  private final HostKey key;
  private final TestSet test;
  private final Teams teams;
  private final Submissions submissions;
  private final Audit audit;
  private final Clock clock;

  Commits(
      JdbcClient db,
      Competition competition,
      HostKey key,
      TestSet test,
      Teams teams,
      Submissions submissions,
      Audit audit,
      Clock clock) {
    this.db = db;
    this.competition = competition;
    this.key = key;
    this.test = test;
    this.teams = teams;
    this.submissions = submissions;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Commits the team of an account to a dataset.
   *
   * @throws InputException if the manifest speaks of another team or of more than the rules allow
   * @throws RefusedException if the phase is closed or the quota used up
   */
  @Transactional
  public Submission commit(SignedIn who, Manifest manifest) {
    return commit(
        who, Phase.Kind.DATASET, manifest.toCanonicalJson(), team -> add(who, team, manifest));
  }

  private Submission add(SignedIn who, Team team, Manifest manifest) {
    if (!manifest.team().equals(team.name())) {
      throw new InputException(
          "the manifest is of the team \"%s\"; expected yours, \"%s\": pack it with --team"
              .formatted(manifest.team(), team.name()));
    }
    List<String> generators = competition.rules().generators();
    if (!generators.contains(manifest.generator())) {
      throw new InputException(
          "the manifest names the generator \"%s\"; expected one of %s"
              .formatted(manifest.generator(), String.join(", ", generators)));
    }
    Receipt receipt = Receipt.issue(manifest, key, clock);
    Submission submission = submission(team, Phase.Kind.DATASET, receipt.time(), Optional.empty());
    submissions.add(
        submission, manifest.toCanonicalJson(), Optional.of(Documents.toCanonicalJson(receipt)));
    audit.add(
        who.email(),
        "commit dataset",
        Map.of(
            "team", team.name(),
            "submission", submission.id().toString(),
            "manifest", receipt.manifest(),
            "signature", receipt.signature()));
    return submission;
  }

  /**
   * Commits the team of an account to a result on the private test images.
   *
   * @throws RefusedException if the phase is closed, the quota used up, or the team has no dataset
   *     that was committed in time
   */
  @Transactional
  public Submission commit(SignedIn who, Claim claim) {
    return commit(who, Phase.Kind.TEST, claim.toCanonicalJson(), team -> add(who, team, claim));
  }

  private Submission add(SignedIn who, Team team, Claim claim) {
    if (test.truth().isEmpty()) {
      throw new RefusedException("the server has no test images yet; tell the organisers");
    }
    if (submissions.competing(team).isEmpty()) {
      throw new RefusedException(
          "your team has committed to no dataset before %s; only those that did take part"
              .formatted(competition.phase(Phase.Kind.DATASET).orElseThrow().end()));
    }
    Submission submission =
        submission(team, Phase.Kind.TEST, clock.instant(), Optional.of(claim.miou()));
    submissions.add(submission, claim.toCanonicalJson(), Optional.empty());
    audit.add(
        who.email(),
        "commit result",
        Map.of(
            "team", team.name(),
            "submission", submission.id().toString(),
            "claimed", claim.miou(),
            "code", claim.code(),
            "kind", claim.kind().name(),
            "file", claim.fileHash()));
    return submission;
  }

  /** The submission that waits for the file of this document, or else a new one. */
  private Submission commit(
      SignedIn who, Phase.Kind kind, String document, Function<Team, Submission> add) {
    Team team = locked(who);
    return submissions
        .awaiting(team, kind, document)
        .orElseGet(
            () -> {
              requireAdmitted(team, kind);
              return add.apply(team);
            });
  }

  /** The team of an account; nobody else commits for it until the transaction ends. */
  private Team locked(SignedIn who) {
    Team team = teams.required(who);
    db.sql("select id from team where id = :team for update")
        .param("team", team.id())
        .query(UUID.class)
        .single();
    return team;
  }

  private void requireAdmitted(Team team, Phase.Kind kind) {
    List<Instant> counted =
        submissions.of(team).stream()
            .filter(each -> each.kind() == kind && each.state() != State.FAILED)
            .map(Submission::committed)
            .toList();
    Phase phase = competition.phase(kind).orElseThrow();
    Quota.of(competition)
        .refusal(counted, phase, clock.instant())
        .ifPresent(
            reason -> {
              throw new RefusedException(reason);
            });
  }

  private static Submission submission(
      Team team, Phase.Kind kind, Instant committed, Optional<Double> claimed) {
    return new Submission(
        UUID.randomUUID(),
        team,
        kind,
        committed,
        State.AWAITING_UPLOAD,
        Optional.empty(),
        0,
        claimed,
        Optional.empty(),
        Optional.empty());
  }
}
