package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import tools.jackson.databind.json.JsonMapper;

/** Samples that the server makes again because a verifier wants it. */
class ReplicationTest {
  @TempDir Path folder;

  @Test
  void theVerdictIsTheTeamsWithItsEvidence() throws Exception {
    try (TestServer server = TestServer.start(folder)) {
      Browser organiser = server.organiser();
      Browser verifier = server.official(organiser, "vera", "VERIFIER");
      Browser honest = entry(server, "anna", "Honest", Map.of("pairsSeed", 1));
      entry(server, "lars", "Liar", Map.of("pairsSeed", 2));
      entry(server, "otto", "Elsewhere", Map.of());

      assertThat(verdict(verifier, "Honest")).isEqualTo("EXACT all 1 samples came out equal");
      assertThat(verdict(verifier, "Liar"))
          .startsWith("MISMATCH 1 of 1 samples came out different");
      assertThat(verdict(verifier, "Elsewhere"))
          .startsWith("NOT_RUNNABLE sample ")
          .endsWith("there is no such model here");

      String page = honest.page("/submissions");
      String own = Browser.found(page, "href=\"(/submissions/[0-9a-f-]{36})\"");
      assertThat(honest.page(own)).contains("makes drawn samples again", "EXACT: all 1 samples");
      assertThat(organiser.page("/organiser/audit")).contains("replicate", "verify");
      Browser seen = server.browser();
      assertThat(seen.page("/leaderboard")).doesNotContain("there is no such model here");
    }
  }

  /** Has an entry made again, and fetches the evidence. */
  private static String verdict(Browser verifier, String team) {
    String path =
        Browser.found(verifier.page("/verification"), "(/verification/[0-9a-f-]+)\">" + team + "<");
    assertThat(verifier.post(path + "/replications", Map.of("publicSeed", " ")).statusCode())
        .isEqualTo(400);
    verifier.submit(path + "/replications", Map.of("publicSeed", "4 8 15"));
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    String page = verifier.page(path);
    while (!page.contains("Latest verdict")) {
      assertThat(Instant.now()).as(page).isBefore(end);
      LockSupport.parkNanos(50_000_000);
      page = verifier.page(path);
    }
    String zip = Browser.found(page, "href=\"(/verification/[^\"]+/evidence/[^\"]+)\"");
    assertThat(verifier.getBytes(zip).body()).startsWith('P', 'K');
    return Browser.found(page, "<strong>([A-Z_]+)</strong> <span>")
        + " "
        + Browser.found(page, "<strong>[A-Z_]+</strong> <span>([^<]+)<");
  }

  private Browser entry(TestServer server, String name, String team, Map<String, Object> generator)
      throws Exception {
    Browser browser = server.competitor(name, team);
    String page = browser.post("/account/tokens", Map.of("name", "x")).body();
    Browser program =
        Browser.withToken(server.address(), Browser.found(page, ">(syntagen_[0-9a-f]+)<"));
    Path pairs = Pairs.write(folder.resolve(team), 1, "0000", "0001");
    Manifest manifest = Pairs.manifest(pairs, team, generator);
    Path zip = folder.resolve(team + ".zip");
    SubmissionPackage.write(zip, manifest, Dataset.open(pairs));
    var answer = program.json("/api/submissions/dataset", manifest.toCanonicalJson());
    String id = JsonMapper.shared().readTree(answer.body()).get("id").asString();
    new Tus(program).upload(id, zip);
    assertThat(JourneyTest.decided(program, id)).isEqualTo("ACCEPTED");
    return browser;
  }
}
