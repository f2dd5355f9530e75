package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
      String first = commit(program);
      String upload = tus.begin(first, MEBIBYTE).headers().firstValue("Location").orElseThrow();
      String second = commit(program);
      HttpResponse<String> refused = tus.begin(second, 1);
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body())
          .contains("your team's files have 1048576 bytes; with this one of 1 they would exceed");

      assertThat(tus.patch(upload, 0, new byte[MEBIBYTE], null).statusCode()).isEqualTo(204);
      assertThat(JourneyTest.decided(program, first)).isEqualTo("REJECTED");
      Instant end = Instant.now().plus(Duration.ofSeconds(60));
      while (folder.resolve("data/uploads/" + first).toFile().exists()) {
        assertThat(Instant.now()).isBefore(end);
        LockSupport.parkNanos(50_000_000);
      }
      assertThat(tus.begin(second, MEBIBYTE).statusCode()).isEqualTo(201);
    }
  }

  @Test
  void theDiskIsNeverFilled() {
    System.setProperty("syntagen.disk-reserve", "1000000TB");
    try (TestServer server = TestServer.start(folder)) {
      Browser program = program(server);
      HttpResponse<String> refused = new Tus(program).begin(commit(program), 10);
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("the server's disk has no room for this file now");
    } finally {
      System.clearProperty("syntagen.disk-reserve");
    }
  }

  private static Browser program(TestServer server) {
    Browser anna = server.competitor("anna", "Team");
    String page = anna.post("/account/tokens", Map.of("name", "x")).body();
    return Browser.withToken(server.address(), Browser.found(page, ">(syntagen_[0-9a-f]+)<"));
  }

  private String commit(Browser program) {
    Pairs.pack(folder, "Team", 1);
    HttpResponse<String> committed =
        program.json(
            "/api/submissions/dataset", Pairs.manifestOf(folder, "Team", 1).toCanonicalJson());
    return JsonMapper.shared().readTree(committed.body()).get("id").asString();
  }
}
