package org.syntagen.bench.competition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.LabelMap;
import org.syntagen.server.Models;
import org.syntagen.server.Server;
import org.syntagen.server.ServerOptions;
import org.syntagen.server.demo.DemoCompetition;

/** The process of a host whose test phase is on and whose leaderboard has many teams. */
public final class BenchHost {
  /** Teams whose members may act by {@link #token}. */
  static final int COMPETITORS = 5;

  private static final int TEAMS = 500;

  private BenchHost() {}

  /** Starts a process of its own, which prints its port, from the root of the repository. */
  static Process start(Path folder) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@server/java.options",
            "-cp",
            System.getProperty("java.class.path"),
            BenchHost.class.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  public static void main(String[] args) throws InterruptedException {
    System.out.println(serve(Path.of(args[0])).port());
    Thread.currentThread().join();
  }

  private static Server serve(Path folder) {
    return Server.start(
        new ServerOptions(
            folder.resolve("host"),
            "127.0.0.1",
            0,
            Optional.of(folder.resolve("rules.yaml")),
            Optional.of(folder.resolve("test")),
            Optional.empty(),
            Optional.empty()),
        new NoModels(),
        Clock.tickMillis(ZoneOffset.UTC));
  }

  /** Fills a new folder: rules, test images, teams with a dataset and a score. */
  static void prepare(Path folder) throws IOException, SQLException {
    ScoringBench.PAIRS.write(folder.resolve("test"), ScoringBench.IMAGES);
    Files.writeString(
        folder.resolve("rules.yaml"),
        DemoCompetition.yaml(Instant.now()).replace("(demo)", "under load"));
    serve(folder).close();
    try (Connection db =
        DriverManager.getConnection(
            "jdbc:h2:file:" + folder.resolve("host/database"), "syntagen", "")) {
      for (int number = 0; number < TEAMS; number++) {
        addTeam(db, number);
      }
    }
  }

  /** What a competitor's program signs in with. */
  static String token(int team) {
    return "syntagen_bench" + team;
  }

  private static void addTeam(Connection db, int number) throws SQLException {
    UUID team = UUID.randomUUID();
    OffsetDateTime then = Instant.now().minus(3, ChronoUnit.DAYS).atOffset(ZoneOffset.UTC);
    String name = "Team " + number;
    insert(db, "team (id, name, name_key, created)", team, name, "team " + number, then);
    if (number < COMPETITORS) {
      UUID account = UUID.randomUUID();
      insert(
          db,
          "account (id, email, name, password, role, created)",
          account,
          number + "@example.org",
          name,
          "none",
          "COMPETITOR",
          then);
      insert(
          db,
          "token (id, account, name, hash, created)",
          UUID.randomUUID(),
          account,
          "bench",
          Fingerprint.ofText(token(number)),
          then);
      insert(db, "membership (account, team, joined)", account, team, then);
    }
    String columns = "submission (id, team, kind, committed, document, state, arrived, miou)";
    insert(db, columns, UUID.randomUUID(), team, "DATASET", then, "{}", "ACCEPTED", then, null);
    OffsetDateTime scored = OffsetDateTime.now(ZoneOffset.UTC);
    insert(
        db,
        columns,
        UUID.randomUUID(),
        team,
        "TEST",
        scored,
        "{}",
        "ACCEPTED",
        scored,
        20 + number * 0.05);
  }

  private static void insert(Connection db, String into, Object... values) throws SQLException {
    String marks = "?, ".repeat(values.length - 1) + "?";
    try (PreparedStatement statement =
        db.prepareStatement("insert into %s values (%s)".formatted(into, marks))) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  /** Takes predictions only. */
  private static final class NoModels implements Models {
    private static final String NONE = "this host runs no networks";

    @Override
    public String fingerprint(Path checkpoint) {
      throw new UnsupportedOperationException(NONE);
    }

    @Override
    public void predict(
        Path checkpoint, String model, Dataset images, BiConsumer<String, LabelMap> each) {
      throw new UnsupportedOperationException(NONE);
    }

    @Override
    public void train(Dataset pairs, Rules.Training rules, Path checkpoint, IntConsumer each) {
      throw new UnsupportedOperationException(NONE);
    }

    @Override
    public Generation generation(Manifest manifest, Rules rules) {
      throw new UnsupportedOperationException(NONE);
    }
  }
}
