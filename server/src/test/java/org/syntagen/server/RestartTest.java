package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server that is killed, in a process of its own. */
class RestartTest {
  private static final int PAIRS = 900; // enough to be killed over

  @TempDir Path folder;
  private Process process;
  private URI address;

  /** What the process runs: a server that tells its port. */
  public static final class Killable {
    private Killable() {}

    public static void main(String[] args) throws InterruptedException {
      Server server =
          Server.start(
              new ServerOptions(
                  Path.of(args[0]),
                  "127.0.0.1",
                  0,
                  Optional.of(Path.of(args[1])),
                  Optional.empty(),
                  Optional.empty()),
              new FakeModels(),
              Clock.tick(Clock.systemUTC(), Duration.ofMillis(1)));
      System.out.println("port " + server.port());
      Thread.currentThread().join();
    }
  }

  private void start() throws IOException {
    Path rules =
        Files.writeString(
            folder.resolve("rules.yaml"),
            TestServer.RULES
                .replace("max_pairs: 3", "max_pairs: 1000")
                .replace("max_upload_mebibytes: 1", "max_upload_mebibytes: 100")
                .replace("2024-03", "2020-03")
                .replace("2024-05-24", "2099-05-24")
                .replace("2024-05-27", "2099-05-27")
                .replace("2024-06", "2099-06"));
    File log = Files.createTempFile(folder, "server", ".log").toFile();
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Djava.awt.headless=true",
                "-Dsyntagen.heartbeat=1s",
                "-cp",
                System.getProperty("java.class.path"),
                Killable.class.getName(),
                folder.resolve("data").toString(),
                rules.toString())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    Optional<String> port = Optional.empty();
    while (port.isEmpty()) {
      assertThat(process.isAlive()).as(Files.readString(log.toPath())).isTrue();
      LockSupport.parkNanos(50_000_000);
      port =
          Files.readAllLines(log.toPath()).stream()
              .filter(line -> line.startsWith("port "))
              .findFirst();
    }
    address = URI.create("http://127.0.0.1:" + port.get().substring(5));
  }

  private void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @AfterEach
  void end() {
    kill();
  }

  @Test
  void anUploadAndAJobGoOnAfterTheServerWasKilled() throws IOException {
    start();
    Browser browser = Browser.at(address).register("anna");
    browser.submit("/team", Map.of("name", "Team"));
    String page = browser.post("/account/tokens", Map.of("name", "x")).body();
    String token = Browser.found(page, ">(syntagen_[0-9a-f]+)<");
    Browser program = Browser.withToken(address, token);

    Path zip = Pairs.pack(folder, "Team", 1, PAIRS);
    byte[] bytes = Files.readAllBytes(zip);
    HttpResponse<String> committed =
        program.json(
            "/api/submissions/dataset", Pairs.manifestOf(folder, "Team", 1).toCanonicalJson());
    String id = JsonMapper.shared().readTree(committed.body()).get("id").asString();
    Tus tus = new Tus(program);
    String upload = tus.begin(id, bytes.length).headers().firstValue("Location").orElseThrow();
    assertThat(tus.patch(upload, 0, Arrays.copyOf(bytes, 500), null).statusCode()).isEqualTo(204);

    kill();
    start();
    program = Browser.withToken(address, token);
    tus = new Tus(program);
    assertThat(tus.head(upload).headers().firstValue("Upload-Offset")).contains("500");
    byte[] rest = Arrays.copyOfRange(bytes, 500, bytes.length);
    assertThat(tus.patch(upload, 500, rest, Tus.sha256(rest)).statusCode()).isEqualTo(204);

    while (submission(program, id).get("state").asString().equals("QUEUED")) {
      LockSupport.parkNanos(5_000_000);
    }
    kill();
    start();
    program = Browser.withToken(address, token);
    assertThat(decided(program, id)).isEqualTo("ACCEPTED");
    List<String> reasons = reasons(program, id);
    assertThat(reasons)
        .as("begun again after the lease")
        .containsExactly("COMMITTED", "UPLOADED", "STARTED", "STARTED", "ACCEPTED");
    awaitEmpty(folder.resolve("data/work"));
  }

  /** A job tidies up after its result is stored. */
  private static void awaitEmpty(Path work) throws IOException {
    Instant end = Instant.now().plus(Duration.ofSeconds(90));
    while (!isEmpty(work)) {
      assertThat(Instant.now()).as("left in " + work).isBefore(end);
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static boolean isEmpty(Path work) throws IOException {
    try (Stream<Path> left = Files.list(work)) {
      return left.findAny().isEmpty();
    }
  }

  private static String decided(Browser program, String id) {
    Instant end = Instant.now().plus(Duration.ofSeconds(90));
    while (Instant.now().isBefore(end)) {
      String state = submission(program, id).get("state").asString();
      if (!state.equals("QUEUED") && !state.equals("RUNNING")) {
        return state;
      }
      LockSupport.parkNanos(200_000_000);
    }
    throw new AssertionError("stuck: " + submission(program, id));
  }

  private static List<String> reasons(Browser program, String id) {
    return submission(program, id).get("timeline").values().stream()
        .map(event -> event.get("reason").asString())
        .toList();
  }

  private static JsonNode submission(Browser program, String id) {
    return JsonMapper.shared().readTree(program.page("/api/submissions/" + id));
  }
}
