package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.dataset.Fingerprint;
import tools.jackson.databind.json.JsonMapper;

/** Files for which there is no room. */
class RoomTest {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path folder;

  @Test
  void aTeamHasItsShareOfTheDiskAndRejectedFilesGiveTheirsBack() {
    String rules = TestServer.RULES.replace("max_team_mebibytes: 61440", "max_team_mebibytes: 1");
    try (TestServer server = TestServer.start(folder, rules, Optional.empty())) {
      Browser program = program(server);
      Tus tus = new Tus(program);
      String first = commit(program, 1);
      String upload = tus.begin(first, MEBIBYTE).headers().firstValue("Location").orElseThrow();
      String second = commit(program, 2);
      HttpResponse<String> refused = tus.begin(second, 1);
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body())
          .contains("your team's files have 1048576 bytes; with this one of 1 they would exceed");

      assertThat(tus.patch(upload, 0, new byte[MEBIBYTE], null).statusCode()).isEqualTo(204);
      assertThat(JourneyTest.decided(program, first)).isEqualTo("REJECTED");
      awaitGone(folder.resolve("data/uploads/" + first));
      assertThat(tus.begin(second, MEBIBYTE).statusCode()).isEqualTo(201);
    }
  }

  @Test
  void whatCanComeNoMoreGivesItsRoomBack() {
    String rules = TestServer.RULES.replace("max_team_mebibytes: 61440", "max_team_mebibytes: 1");
    Instant grace = TestServer.DEADLINE.plus(Duration.ofHours(12));
    String token;
    Path part;
    String result;
    try (TestServer server = TestServer.start(folder, rules, Optional.empty())) {
      token = token(server);
      Browser program = Browser.withToken(server.address(), token);
      Tus tus = new Tus(program);
      tus.upload(commit(program, 1), folder.resolve("Team1.zip"));
      String late = commit(program, 2);
      String upload = tus.begin(late, 1_000_000).headers().firstValue("Location").orElseThrow();
      assertThat(tus.patch(upload, 0, new byte[1000], null).statusCode()).isEqualTo(204);
      part = folder.resolve("data/uploads/" + late);

      server.clock.set(grace.minusSeconds(1));
      Claim claim =
          new Claim(
              50, "https://example.org/code", Claim.Kind.PREDICTIONS, Fingerprint.ofText("x"));
      result = id(program.json("/api/submissions/test", claim.toCanonicalJson()));
      assertThat(tus.begin(result, 1_000_000).statusCode()).as("no room").isEqualTo(409);
    }
    assertThat(part).hasSize(1000);
    try (TestServer server = TestServer.startAgain(folder, grace)) {
      awaitGone(part);
      Tus tus = new Tus(Browser.withToken(server.address(), token));
      assertThat(tus.begin(result, 1_000_000).statusCode()).isEqualTo(201);
    }
  }

  @Test
  void theDiskIsNeverFilled() {
    System.setProperty("syntagen.disk-reserve", "1000000TB");
    try (TestServer server = TestServer.start(folder)) {
      Browser program = program(server);
      HttpResponse<String> refused = new Tus(program).begin(commit(program, 1), 10);
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("the server's disk has no room for this file now");
    } finally {
      System.clearProperty("syntagen.disk-reserve");
    }
  }

  private static void awaitGone(Path file) {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (Files.exists(file)) {
      assertThat(Instant.now()).as(file + " is there").isBefore(end);
      LockSupport.parkNanos(50_000_000);
    }
  }

  private static Browser program(TestServer server) {
    return Browser.withToken(server.address(), token(server));
  }

  private static String token(TestServer server) {
    Browser anna = server.competitor("anna", "Team");
    String page = anna.post("/account/tokens", Map.of("name", "x")).body();
    return Browser.found(page, ">(syntagen_[0-9a-f]+)<");
  }

  private String commit(Browser program, int seed) {
    Pairs.pack(folder, "Team", seed);
    return id(
        program.json(
            "/api/submissions/dataset", Pairs.manifestOf(folder, "Team", seed).toCanonicalJson()));
  }

  private static String id(HttpResponse<String> committed) {
    assertThat(committed.statusCode()).as(committed.body()).isEqualTo(201);
    return JsonMapper.shared().readTree(committed.body()).get("id").asString();
  }
}
