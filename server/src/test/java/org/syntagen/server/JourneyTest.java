package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.audit.AuditLog;
import org.syntagen.challenge.release.ReleaseKey;
import org.syntagen.challenge.release.SealedFile;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.HostKey;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.Receipt;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.LabelMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A competition from the first account to the awards, as people and programs see it. */
class JourneyTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  @Test
  void aCompetitionIsRunFromRegistrationToAwards() throws IOException {
    run(Optional.empty());
  }

  @Test
  void itIsTheSameInPostgreSql() throws IOException {
    Optional<String> missing = Postgres.missing();
    missing.ifPresent(reason -> System.out.println("skipped: " + reason));
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.get());
    try (Postgres postgres = Postgres.start()) {
      run(Optional.of(postgres.database()));
    }
  }

  private void run(Optional<ServerOptions.Database> database) throws IOException {
    try (TestServer server = TestServer.start(folder, TestServer.RULES, database)) {
      Browser bear = server.competitor("bea", "Teddy Bear");
      Browser hnu = server.competitor("hans", "HNU-VPAI");
      anotherJoins(server, bear);

      Browser bearsProgram = program(server, bear);
      Browser hnusProgram = program(server, hnu);
      dataset(server, bearsProgram, "Teddy Bear", 1);
      dataset(server, hnusProgram, "HNU-VPAI", 2);

      assertThat(bear.get("/release/key").statusCode()).isEqualTo(404);
      server.clock.set(TestServer.DEADLINE);
      theTestImagesOpen(server, bear);
      assertThat(hnusProgram.json("/api/submissions/dataset", "{}").statusCode()).isEqualTo(400);

      LabelMap none = Pairs.mask(0);
      predictions(
          server,
          bearsProgram,
          91.5,
          Map.of("t0", Pairs.mask(1), "t1", Pairs.mask(2), "t2", Pairs.mask(3)),
          100);
      // Background: half of each image, and all of t2's other half: 576 of 768; classes 1 and 2.
      predictions(
          server,
          hnusProgram,
          80,
          Map.of("t0", Pairs.mask(1), "t1", Pairs.mask(2), "t2", none),
          100 * (0.75 + 1 + 1 + 0) / 4);
      theBoardsDiffer(server);

      server.clock.set(TestServer.TEST_DEADLINE.plusSeconds(60));
      officialsDecide(server);
    }
  }

  private static void anotherJoins(TestServer server, Browser bear) {
    String page = bear.post("/team/invitations", Map.of()).body();
    String link = Browser.found(page, ">http://127.0.0.1:[0-9]+(/invitations/[0-9a-f]+)<");
    Browser friend = server.browser().register("fritz");
    assertThat(friend.page(link)).contains("Teddy Bear");
    friend.submit(link, Map.of());
    assertThat(friend.page("/team")).contains("bea", "fritz");
    assertThat(server.browser().register("eve").get(link).statusCode())
        .as("an invitation lets in one")
        .isEqualTo(404);
  }

  private static Browser program(TestServer server, Browser browser) {
    return browser.program();
  }

  private void dataset(TestServer server, Browser program, String team, int seed)
      throws IOException {
    Path zip = Pairs.pack(folder, team, seed);
    Manifest manifest = Pairs.manifestOf(folder, team, seed);
    var committed = program.json("/api/submissions/dataset", manifest.toCanonicalJson());
    assertThat(committed.statusCode()).as(committed.body()).isEqualTo(201);
    JsonNode answer = JSON.readTree(committed.body());
    JsonNode signed = answer.get("receipt");
    Receipt receipt =
        new Receipt(
            signed.get("manifest").asString(),
            Instant.parse(signed.get("time").asString()),
            signed.get("signature").asString());
    assertThat(receipt.time()).isEqualTo(server.clock.instant());
    assertThat(receipt.isFor(manifest, HostKey.parsePublic(program.page("/host-key.pem"))))
        .isTrue();

    String id = answer.get("id").asString();
    new Tus(program).upload(id, zip);
    assertThat(decided(program, id)).isEqualTo("ACCEPTED");
    String page = program.page("/submissions/" + id);
    assertThat(page).contains("2 pairs keep the rules", "gallery/1/mask.png", "50.00 %");
    assertThat(program.getBytes("/submissions/" + id + "/gallery/1/image.png").body())
        .startsWith(0x89, 'P', 'N', 'G');
    assertThat(program.getBytes("/submissions/" + id + "/file").body())
        .isEqualTo(Files.readAllBytes(zip));
  }

  private void theTestImagesOpen(TestServer server, Browser bear) throws IOException {
    Path sealed =
        Files.write(folder.resolve("x.sealed"), bear.getBytes("/release/test.sealed").body());
    ReleaseKey key = ReleaseKey.parse(bear.page("/release/key"));
    assertThat(bear.page("/release")).contains(Fingerprint.ofFile(sealed), key.hash(), key.toHex());
    SealedFile.open(sealed, folder.resolve("x.zip"), key);
    assertThat(folder.resolve("x.zip")).isNotEmptyFile();
  }

  private void predictions(
      TestServer server, Browser program, double claimed, Map<String, LabelMap> labels, double miou)
      throws IOException {
    Path zip = Pairs.predictions(Files.createTempFile(folder, "p", ".zip"), labels);
    Claim claim =
        new Claim(
            claimed, "https://example.org/code", Claim.Kind.PREDICTIONS, Fingerprint.ofFile(zip));
    var committed = program.json("/api/submissions/test", claim.toCanonicalJson());
    assertThat(committed.statusCode()).as(committed.body()).isEqualTo(201);
    String id = JSON.readTree(committed.body()).get("id").asString();
    new Tus(program).upload(id, zip);
    assertThat(decided(program, id)).isEqualTo("ACCEPTED");
    JsonNode answer = JSON.readTree(program.page("/api/submissions/" + id));
    assertThat(answer.get("miou").asDouble()).isEqualTo(miou);
    assertThat(program.page("/submissions/" + id)).contains("mIoU over", "background");
  }

  private static void theBoardsDiffer(TestServer server) {
    Browser visitor = server.browser();
    assertThat(visitor.page("/leaderboard.csv?board=PROVISIONAL"))
        .contains("1,Teddy Bear,91.5,", "2,HNU-VPAI,80.0,");
    assertThat(visitor.page("/leaderboard.csv"))
        .contains("1,Teddy Bear,100.0,", "2,HNU-VPAI,68.75,");
    assertThat(visitor.page("/leaderboard.csv?board=VERIFIED")).hasLineCount(1);
    assertThat(visitor.page("/leaderboard")).contains("Teddy Bear", "HNU-VPAI", "68.75");
  }

  /** The only proposal, as the console shows it. */
  private static Map<String, String> proposal(Browser organiser) {
    return Map.of(
        "proposed",
        Browser.found(organiser.page("/organiser"), "name=\"proposed\" value=\"([^\"]+)"));
  }

  private void officialsDecide(TestServer server) throws IOException {
    Browser first = server.organiser();
    Browser second = server.official(first, "otto", "ORGANISER");
    Browser verifier = server.official(first, "vera", "VERIFIER");

    String bear = entry(verifier, "Teddy Bear");
    String hnu = entry(verifier, "HNU-VPAI");
    String seen =
        Browser.found(verifier.page("/verification/" + hnu), "name=\"dataset\" value=\"([^\"]+)");
    Map<String, Object> verdict =
        Map.of("verdict", "EXACT", "reason", "all equal", "evidence", "folder hnu");
    Map<String, Object> other = new HashMap<>(verdict);
    other.put("dataset", UUID.randomUUID());
    assertThat(verifier.post("/verification/" + hnu, other).statusCode())
        .as("a verdict on what does not count")
        .isEqualTo(409);
    other.put("dataset", seen);
    verifier.submit("/verification/" + hnu, other);
    assertThat(first.page("/organiser"))
        .contains("Nobody has won yet", "To be decided", "Teddy Bear");

    first.submit(
        "/organiser/disqualifications",
        Map.of("team", bear, "reason", "trained on VOC", "evidence", "report.md"));
    assertThat(server.browser().page("/leaderboard"))
        .as("a proposal changes nothing")
        .doesNotContain("trained on VOC");
    String proposal = "/organiser/disqualifications/" + bear;
    Map<String, String> seenBySecond = proposal(second);
    assertThat(first.post(proposal + "/sign-off", seenBySecond).statusCode())
        .as("not both by one")
        .isEqualTo(409);
    first.submit(proposal + "/withdraw", seenBySecond);
    server.clock.set(server.clock.instant().plusSeconds(1));
    first.submit(
        "/organiser/disqualifications",
        Map.of("team", bear, "reason", "trained on VOC", "evidence", "report.md"));
    assertThat(second.post(proposal + "/sign-off", seenBySecond).statusCode())
        .as("not of a proposal that was taken back")
        .isEqualTo(409);
    Map<String, String> latest = proposal(second);
    second.submit(proposal + "/sign-off", latest);
    assertThat(first.post(proposal + "/withdraw", latest).statusCode())
        .as("not when it is in force")
        .isEqualTo(409);
    assertThat(server.browser().page("/leaderboard")).contains("Taken out", "trained on VOC");
    assertThat(server.browser().page("/leaderboard.csv?board=VERIFIED"))
        .contains("1,HNU-VPAI,68.75,");
    assertThat(first.page("/organiser")).contains("HNU-VPAI", "1,000 USD");

    Path log =
        Files.write(folder.resolve("audit.jsonl"), first.getBytes("/organiser/audit.jsonl").body());
    AuditLog.Verification chain = AuditLog.verify(log);
    assertThat(chain.broken()).isEmpty();
    assertThat(first.page("/organiser/audit")).contains(chain.head());
    assertThat(Files.readString(log))
        .contains("disqualify", "commit dataset", "verify", "test images", "rules")
        .containsOnlyOnce("release key");
    assertThat(first.getBytes("/organiser/export.zip").body()).startsWith('P', 'K');
  }

  private static String entry(Browser verifier, String team) {
    return Browser.found(
        verifier.page("/verification"), "/verification/([0-9a-f-]+)\">" + team + "<");
  }

  /** Waits until a submission is decided. */
  static String decided(Browser program, String id) {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (Instant.now().isBefore(end)) {
      String state = JSON.readTree(program.page("/api/submissions/" + id)).get("state").asString();
      if (!state.equals("QUEUED") && !state.equals("RUNNING")) {
        return state;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
    }
    throw new AssertionError("not decided after a minute: " + id);
  }
}
