package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.ranking.Board;
import org.syntagen.dataset.AtomicFile;

/**
 * A competition whose server is killed over and over ends as one whose server is not. {@code
 * -Dsyntagen.serverKills=50} kills it so often on each database.
 */
class KilledServerTest {
  private static final int KILLS = Integer.getInteger("syntagen.serverKills", 3);
  private static final int SEED = Integer.getInteger("syntagen.serverKillsSeed", 1);
  private static final int LONGEST_LIFE_MILLIS = 2500;
  private static final int SHORT_OF_A_JOB_MILLIS = 100;

  private static final String HEARTBEAT = "syntagen.heartbeat";

  @TempDir static Path folder;
  private static String rules;
  private static Path test;
  private static List<Competitor> competitors;
  private static Map<Board, String> undisturbed;

  private final Random random = new Random(SEED);
  private final AtomicInteger killsToCome = new AtomicInteger();
  private int killsOverJobs;
  private int killsOverUploads;

  @BeforeAll
  static void anUndisturbedCompetition() {
    System.setProperty(HEARTBEAT, "250ms");
    rules =
        TestServer.RULES
            .replace("max_pairs: 3", "max_pairs: 1000")
            .replace("max_submissions: 100", "max_submissions: 10000")
            .replace("max_submissions_per_day: 5", "max_submissions_per_day: 10000");
    test = Competitor.test(folder.resolve("private"));
    competitors = Competitor.four(folder);
    try (TestServer server = TestServer.start(folder, rules, test, Optional.empty())) {
      Contest contest = new Contest(server::address, server.organiserPassword());
      for (Contest.Stage stage : contest.stages(competitors)) {
        server.clock.set(stage.begin());
        run(stage, () -> false, () -> {});
      }
      undisturbed = boards(server.browser());
    }
  }

  @AfterAll
  static void clear() {
    System.clearProperty(HEARTBEAT);
  }

  @Test
  void nothingIsLostDoubledOrStuck() throws IOException {
    requireAllIsAsUndisturbed("H2", Optional.empty());
  }

  @Test
  void nothingIsInPostgreSqlEither() throws IOException {
    Optional<String> missing = Postgres.missing();
    missing.ifPresent(reason -> System.out.println("skipped: " + reason));
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.get());
    try (Postgres postgres = Postgres.start()) {
      requireAllIsAsUndisturbed("PostgreSQL", Optional.of(postgres.database()));
    }
  }

  /** The boards, without the instants of commitments. */
  private static Map<Board, String> boards(Browser visitor) {
    Map<Board, String> boards = new EnumMap<>(Board.class);
    for (Board board : Board.values()) {
      String csv = visitor.page("/leaderboard.csv?board=" + board);
      boards.put(board, csv.replaceAll("2024-[0-9T:.-]+Z", ""));
    }
    return boards;
  }

  private void requireAllIsAsUndisturbed(String name, Optional<ServerOptions.Database> database)
      throws IOException {
    Instant begun = Instant.now();
    Path home = Files.createDirectory(folder.resolve(name));
    ServerOptions options =
        new ServerOptions(
            home.resolve("data"),
            "127.0.0.1",
            0,
            Optional.of(Files.writeString(home.resolve("rules.yaml"), rules)),
            Optional.of(test),
            database,
            Optional.empty());
    Instant aDayAhead = TestServer.DEADLINE.minus(Duration.ofDays(1));
    try (KillableServer server = new KillableServer(options, home, aDayAhead)) {
      Contest contest = new Contest(server::address, server.organiserPassword());
      List<Contest.Stage> stages = contest.stages(competitors);
      for (int i = 0; i < stages.size(); i++) {
        int kills = KILLS * (i + 1) / stages.size() - KILLS * i / stages.size();
        server.setClock(stages.get(i).begin());
        killsToCome.set(kills);
        run(
            stages.get(i),
            () -> killsToCome.get() > 0,
            () -> killOverAndOver(server, contest, kills));
        contest.emptyTheQueue();
      }
      TestServer.await(() -> !server.isWorking(), "jobs tidy up");
      assertThat(parts(options.folder())).isEmpty();
      server.kill();
      assertThat(server.errors()).isEmpty();
      try (Server after = Server.start(options, new FakeModels(), server.clock())) {
        Outcome outcome = new Outcome(after, options.folder(), contest);
        outcome.requireNothingLostDoubledOrStuck(competitors);
        outcome.requireWholeAuditLog(server.organiserPassword(), home.resolve("audit.jsonl"));
        assertThat(boards(Browser.at(outcome.address()))).isEqualTo(undisturbed);
        System.out.printf(
            "%s, seed %d: %d kills, of them %d over jobs and %d over uploads; %s; %d s%n",
            name,
            SEED,
            KILLS,
            killsOverJobs,
            killsOverUploads,
            outcome.figures(),
            Duration.between(begun, Instant.now()).toSeconds());
      }
    }
  }

  /** Lets the people of a stage do their part at the same time, while something happens to them. */
  private static void run(Contest.Stage stage, BooleanSupplier more, Runnable meanwhile) {
    ExecutorService threads = Executors.newFixedThreadPool(stage.people().size());
    try {
      CompletableFuture<?>[] done =
          stage.people().stream()
              .map(each -> CompletableFuture.runAsync(() -> each.accept(more), threads))
              .toArray(CompletableFuture<?>[]::new);
      meanwhile.run();
      CompletableFuture.allOf(done).join();
    } finally {
      threads.shutdownNow();
    }
  }

  private void killOverAndOver(KillableServer server, Contest contest, int kills) {
    for (int i = 0; i < kills; i++) {
      awaitMoment(server, i == 0);
      killsOverJobs += server.isWorking() ? 1 : 0;
      killsOverUploads += contest.uploads() > 0 ? 1 : 0;
      server.kill();
      killsToCome.decrementAndGet();
      server.start();
    }
  }

  /** The first of several kills is one over a job, however few there are; others come any time. */
  private void awaitMoment(KillableServer server, boolean first) {
    if (first) {
      TestServer.await(server::isWorking, "a job begins");
    }
    int most = first ? SHORT_OF_A_JOB_MILLIS : LONGEST_LIFE_MILLIS;
    LockSupport.parkNanos(1_000_000L * random.nextInt(most));
  }

  /** What is not whole yet. */
  private static List<Path> parts(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(AtomicFile.PART)).toList();
    }
  }
}
