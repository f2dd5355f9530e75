package org.syntagen.server.demo;

import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.HostKey;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.Receipt;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.server.database.Sql;
import org.syntagen.server.submission.Reason;
import org.syntagen.server.submission.State;
import org.syntagen.server.team.Team;
import org.syntagen.server.team.Teams;

/** Fills a new demo competition with sample teams that have the published scores of 2024. */
@Component
public class DemoEntries implements ApplicationRunner {
  /** A sample team with the score of the public leaderboard of 2024. */
  private record Sample(String team, double miou) {}

  private static final List<Sample> SAMPLES =
      List.of(
          new Sample("Teddy Bear - sample", 51.03),
          new Sample("HNU-VPAI - sample", 47.36),
          new Sample("Hot Coffee - sample", 46.25));

  private final JdbcClient db;
  private final Competition competition;
  private final HostKey key;
  private final Teams teams;

  DemoEntries(JdbcClient db, Competition competition, HostKey key, Teams teams) {
    this.db = db;
    this.competition = competition;
    this.key = key;
    this.teams = teams;
  }

  @Override
  @Transactional
  public void run(ApplicationArguments arguments) {
    if (competition.title().equals(DemoCompetition.TITLE) && teams.all().isEmpty()) {
      SAMPLES.forEach(this::add);
    }
  }

  private void add(Sample sample) {
    Team team = teams.create("demo", sample.team());
    int number = SAMPLES.indexOf(sample);
    Phase datasets = competition.phase(Phase.Kind.DATASET).orElseThrow();
    Phase test = competition.phase(Phase.Kind.TEST).orElseThrow();

    Instant committed = datasets.end().minus(Duration.ofHours(7 + 5L * number));
    Manifest manifest = manifest(team);
    Receipt receipt = Receipt.issue(manifest, key, Clock.fixed(committed, ZoneOffset.UTC));
    add(team, Phase.Kind.DATASET, committed, manifest.toCanonicalJson(), receipt, null);

    String code = "https://example.org/" + Fingerprint.ofText(team.name()).substring(0, 7);
    String hash = Fingerprint.ofText("predictions " + team.name());
    Claim claim = new Claim(sample.miou(), code, Claim.Kind.PREDICTIONS, hash);
    Instant claimed = test.start().plus(Duration.ofMinutes(90 + 40L * number));
    add(team, Phase.Kind.TEST, claimed, claim.toCanonicalJson(), null, sample.miou());
  }

  private Manifest manifest(Team team) {
    return new Manifest(
        Manifest.FORMAT,
        team.name(),
        2024,
        competition.rules().maxPairs(),
        Fingerprint.ofText("dataset " + team.name()),
        Fingerprint.ofText("root " + team.name()),
        Fingerprint.ofText("network " + team.name()),
        competition.rules().generators().get(0),
        Map.of(),
        Map.of(),
        "a sample of the demo");
  }

  private void add(
      Team team,
      Phase.Kind kind,
      Instant committed,
      String document,
      Receipt receipt,
      Double miou) {
    UUID id = UUID.randomUUID();
    db.sql(
            "insert into submission (id, team, kind, committed, document, receipt, state, arrived,"
                + " claimed, miou) values (:id, :team, :kind, :committed, :document, :receipt,"
                + " :state, :committed, :miou, :miou)")
        .param("id", id)
        .param("team", team.id())
        .param("kind", kind.name())
        .param("committed", Sql.time(committed))
        .param("document", document)
        .param(
            "receipt", receipt == null ? null : Documents.toCanonicalJson(receipt), Types.VARCHAR)
        .param("state", State.ACCEPTED.name())
        .param("miou", miou, Types.DOUBLE)
        .update();
    db.sql(
            "insert into submission_event (submission, time, reason, message)"
                + " values (:id, :time, :reason, :message)")
        .param("id", id)
        .param("time", Sql.time(committed))
        .param("reason", Reason.ACCEPTED.name())
        .param("message", "a sample of the demo; there is no file")
        .update();
  }
}
