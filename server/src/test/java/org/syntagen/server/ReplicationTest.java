package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
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

      String retrain = path(verifier, "Honest") + "/replications";
      Map<String, String> wanted = Map.of("publicSeed", "4", "retrain", "true");
      assertThat(verifier.post(retrain, wanted).statusCode()).as("no score yet").isEqualTo(409);
      server.clock.set(TestServer.DEADLINE);
      handIn(honest, server);
      verifier.submit(retrain, wanted);
      await(verifier, path(verifier, "Honest"), "a network trained again has mIoU 33.33");

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
    String path = path(verifier, team);
    assertThat(verifier.post(path + "/replications", Map.of("publicSeed", " ")).statusCode())
        .isEqualTo(400);
    verifier.submit(path + "/replications", Map.of("publicSeed", "4 8 15"));
    String page = await(verifier, path, "Latest verdict");
    String zip = Browser.found(page, "href=\"(/verification/[^\"]+/evidence/[^\"]+)\"");
    assertThat(verifier.getBytes(zip).body()).startsWith('P', 'K');
    return Browser.found(page, "<strong>([A-Z_]+)</strong> <span>")
        + " "
        + Browser.found(page, "<strong>[A-Z_]+</strong> <span>([^<]+)<");
  }

  private static String path(Browser verifier, String team) {
    return Browser.found(
        verifier.page("/verification"), "(/verification/[0-9a-f-]+)\">" + team + "<");
  }

  private static String await(Browser browser, String path, String text) {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    String page = browser.page(path);
    while (!page.contains(text)) {
      assertThat(Instant.now()).as(page).isBefore(end);
      LockSupport.parkNanos(50_000_000);
      page = browser.page(path);
    }
    return page;
  }

  /** The network that the datasets here speak of, as a result. */
  private void handIn(Browser browser, TestServer server) throws Exception {
    Path network = Files.writeString(folder.resolve("network"), "network");
    String code = "https://example.org/code";
    Claim claim = new Claim(50, code, Claim.Kind.CHECKPOINT, Fingerprint.ofFile(network));
    Browser program = program(browser, server);
    String id = id(program.json("/api/submissions/test", claim.toCanonicalJson()).body());
    new Tus(program).upload(id, network);
    assertThat(JourneyTest.decided(program, id)).isEqualTo("ACCEPTED");
  }

  private static Browser program(Browser browser, TestServer server) {
    return browser.program();
  }

  private static String id(String answer) {
    return JsonMapper.shared().readTree(answer).get("id").asString();
  }

  private Browser entry(TestServer server, String name, String team, Map<String, Object> generator)
      throws Exception {
    Browser browser = server.competitor(name, team);
    Browser program = program(browser, server);
    Path pairs = Pairs.write(folder.resolve(team), 1, "0000", "0001");
    Manifest manifest = Pairs.manifest(pairs, team, generator);
    Path zip = folder.resolve(team + ".zip");
    SubmissionPackage.write(zip, manifest, Dataset.open(pairs));
    var answer = program.json("/api/submissions/dataset", manifest.toCanonicalJson());
    String id = id(answer.body());
    new Tus(program).upload(id, zip);
    assertThat(JourneyTest.decided(program, id)).isEqualTo("ACCEPTED");
    return browser;
  }
}
