package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.syntagen.challenge.CompetitionFile;

/** A server with a small competition: at most 3 pairs of 24×16 pixels, on the dates of 2024. */
final class TestServer implements AutoCloseable {
  /** The end of the first phase, 23:59 in Los Angeles. */
  static final Instant DEADLINE = Instant.parse("2024-05-25T06:59:00Z");

  /** The end of the second phase. */
  static final Instant TEST_DEADLINE = Instant.parse("2024-05-28T06:59:00Z");

  static final String RULES =
      CompetitionFile.exampleText()
          .replace("width: 512", "width: 24")
          .replace("height: 512", "height: 16")
          .replace("max_pairs: 10000", "max_pairs: 3")
          .replace("max_upload_mebibytes: 12288", "max_upload_mebibytes: 1")
          .replace("samples: 20", "samples: 1");

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final Path folder;
  final TestClock clock;
  private final Server server;
  private final String organiserPassword;

  private TestServer(Path folder, TestClock clock, Server server, String organiserPassword) {
    this.folder = folder;
    this.clock = clock;
    this.server = server;
    this.organiserPassword = organiserPassword;
  }

  static TestServer start(Path folder) {
    return start(folder, RULES, Optional.empty());
  }

  static TestServer start(Path folder, String rules, Optional<ServerOptions.Database> database) {
    return start(folder, rules, database, Optional.empty(), new FakeModels());
  }

  static TestServer start(
      Path folder,
      String rules,
      Optional<ServerOptions.Database> database,
      Optional<ServerOptions.Bucket> bucket,
      Models models) {
    Path test = Pairs.write(folder.resolve("private"), 100, "t0", "t1", "t2");
    return start(folder, rules, test, database, bucket, models);
  }

  static TestServer start(
      Path folder, String rules, Path test, Optional<ServerOptions.Database> database) {
    return start(folder, rules, test, database, Optional.empty(), new FakeModels());
  }

  /** Starts a server a day before the first deadline. */
  private static TestServer start(
      Path folder,
      String rules,
      Path test,
      Optional<ServerOptions.Database> database,
      Optional<ServerOptions.Bucket> bucket,
      Models models) {
    TestClock clock = new TestClock(DEADLINE.minusSeconds(86_400));
    try {
      Path file = Files.writeString(folder.resolve("rules.yaml"), rules);
      ServerOptions options =
          options(folder, Optional.of(file), Optional.of(test), database, bucket);
      return start(folder, clock, options, models);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the server of a folder again, whose clock shows an instant. */
  static TestServer startAgain(Path folder, Instant now) {
    ServerOptions options =
        options(folder, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    return start(folder, new TestClock(now), options, new FakeModels());
  }

  private static ServerOptions options(
      Path folder,
      Optional<Path> competition,
      Optional<Path> test,
      Optional<ServerOptions.Database> database,
      Optional<ServerOptions.Bucket> bucket) {
    return new ServerOptions(
        folder.resolve("data"), "127.0.0.1", 0, competition, test, database, bucket);
  }

  private static TestServer start(
      Path folder, TestClock clock, ServerOptions options, Models models) {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Server server = Server.start(options, models, clock);
      String text = printed.toString(StandardCharsets.UTF_8);
      String password = text.isEmpty() ? "" : Browser.found(text, "localhost / (\\S+)");
      return new TestServer(folder, clock, server, password);
    } finally {
      System.setOut(out);
    }
  }

  /** Waits for what comes by itself, as a job tidies up a moment after its result is stored. */
  static void await(BooleanSupplier condition, String what) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as(what).isBefore(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Whether no job has left anything. */
  boolean isTidy() {
    return folder.resolve("data/work").toFile().list().length == 0;
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  Browser browser() {
    return Browser.at(address());
  }

  String organiserPassword() {
    return organiserPassword;
  }

  Browser organiser() {
    return browser().signIn("organiser@localhost", organiserPassword);
  }

  /** Somebody new who is an organiser or verifier by an organiser's hand. */
  Browser official(Browser organiser, String name, String role) {
    browser().register(name);
    String id =
        Browser.found(
            organiser.page("/organiser/accounts"),
            "(?s)" + name + "@example.org.*?/organiser/accounts/([0-9a-f-]+)/role");
    organiser.submit("/organiser/accounts/" + id + "/role", Map.of("role", role));
    return browser().signIn(name + "@example.org", "correct horse " + name);
  }

  /** Somebody new with a team of their own. */
  Browser competitor(String name, String team) {
    Browser browser = browser().register(name);
    browser.submit("/team", Map.of("name", team));
    return browser;
  }

  /** The part of the server of a type. */
  <T> T part(Class<T> type) {
    return server.part(type);
  }

  @Override
  public void close() {
    server.close();
  }
}
