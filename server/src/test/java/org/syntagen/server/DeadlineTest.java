package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** A second decides, on days whose clocks change and where on earth it is latest, too. */
class DeadlineTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "America/Los_Angeles, 2024-11-03T12:00, 2024-11-03T20:00:00Z", // clocks went back at 2:00
    "America/Los_Angeles, 2024-03-10T12:00, 2024-03-10T19:00:00Z", // clocks went forward
    "Etc/GMT+12, 2024-11-03T23:59, 2024-11-04T11:59:00Z"
  })
  void theSecondAheadIsInTimeAndTheDeadlineIsNot(String zone, String local, Instant deadline)
      throws IOException {
    String rules =
        TestServer.RULES
            .replace("America/Los_Angeles", zone)
            .replace("2024-03-01T00:00", "2024-01-01T00:00")
            .replace("2024-05-24T23:59", local)
            .replace("2024-05-27T23:59", "2025-01-01T00:00")
            .replace("2024-06-07T00:00", "2025-02-01T00:00")
            .replace("2024-06-14T23:59", "2025-03-01T00:00");
    try (TestServer server = TestServer.start(folder, rules, Optional.empty())) {
      Browser browser = server.competitor("anna", "Team");
      String page = browser.post("/account/tokens", Map.of("name", "x")).body();
      Browser program =
          Browser.withToken(server.address(), Browser.found(page, ">(syntagen_[0-9a-f]+)<"));
      Path zip = Pairs.pack(folder, "Team", 1);
      String manifest = Pairs.manifestOf(folder, "Team", 1).toCanonicalJson();
      Pairs.pack(folder, "Team", 2);
      String abandoned = Pairs.manifestOf(folder, "Team", 2).toCanonicalJson();
      Pairs.pack(folder, "Team", 3);
      String late = Pairs.manifestOf(folder, "Team", 3).toCanonicalJson();

      server.clock.set(deadline.minusSeconds(2));
      HttpResponse<String> neverSent = program.json("/api/submissions/dataset", abandoned);
      server.clock.set(deadline.minusSeconds(1));
      assertThat(browser.get("/release/key").statusCode()).isEqualTo(404);
      HttpResponse<String> inTime = program.json("/api/submissions/dataset", manifest);
      assertThat(inTime.statusCode()).as(inTime.body()).isEqualTo(201);
      byte[] bytes = Files.readAllBytes(zip);
      Tus tus = new Tus(program);
      String upload = location(tus.begin(id(inTime), bytes.length));
      assertThat(tus.patch(upload, 0, Arrays.copyOf(bytes, 100), null).statusCode()).isEqualTo(204);

      server.clock.set(deadline);
      assertThat(program.json("/api/submissions/dataset", late).statusCode()).isEqualTo(409);
      assertThat(browser.get("/release/key").statusCode()).isEqualTo(200);

      server.clock.set(deadline.plusSeconds(1));
      assertThat(program.json("/api/submissions/dataset", late).body())
          .contains("is open from", deadline.toString());
      assertThat(program.json("/api/submissions/dataset", manifest).body())
          .as("the receipt of one that was in time can be asked for again")
          .isEqualTo(inTime.body());

      // The upload straddles the deadline, and ends within the grace period.
      server.clock.set(deadline.plus(Duration.ofHours(12)).minusSeconds(1));
      byte[] rest = Arrays.copyOfRange(bytes, 100, bytes.length);
      String other = location(tus.begin(id(neverSent), bytes.length));
      assertThat(tus.patch(upload, 100, rest, Tus.sha256(rest)).statusCode()).isEqualTo(204);
      assertThat(JourneyTest.decided(program, id(inTime))).isEqualTo("ACCEPTED");

      server.clock.set(deadline.plus(Duration.ofHours(12)));
      HttpResponse<String> tooLate = tus.patch(other, 0, bytes, null);
      assertThat(tooLate.statusCode()).isEqualTo(409);
      assertThat(tooLate.body()).contains("files could come until");
    }
  }

  private static String id(HttpResponse<String> committed) {
    return JsonMapper.shared().readTree(committed.body()).get("id").asString();
  }

  private static String location(HttpResponse<String> begun) {
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
    return begun.headers().firstValue("Location").orElseThrow();
  }
}
