package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.Fingerprint;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A team's trained network in place of predictions. */
class CheckpointTest {
  @TempDir Path folder;

  @Test
  void theNetworkOfTheDatasetIsRunAndNoOther() throws Exception {
    try (TestServer server = TestServer.start(folder)) {
      Browser browser = server.competitor("anna", "Team");
      Browser program = browser.program();
      Path zip = Pairs.pack(folder, "Team", 1);
      String dataset =
          commit(
              program,
              "/api/submissions/dataset",
              Pairs.manifestOf(folder, "Team", 1).toCanonicalJson());
      new Tus(program).upload(dataset, zip);
      assertThat(JourneyTest.decided(program, dataset)).isEqualTo("ACCEPTED");
      server.clock.set(TestServer.DEADLINE);

      // Truth: class 1, 2 or 3 above, background below. Everything is said to be class 1 above.
      JsonNode scored = handedIn(program, "network");
      assertThat(scored.get("state").asString()).isEqualTo("ACCEPTED");
      assertThat(scored.get("miou").asDouble()).isEqualTo(100 * (1 + 1.0 / 3 + 0 + 0) / 4);
      assertThat(program.page("/submissions/" + scored.get("id").asString()))
          .contains("The file as it came", "SHA-256 of the checkpoint");

      assertThat(reason(handedIn(program, "another network")))
          .startsWith("NOT_AS_COMMITTED the network's fingerprint is ")
          .contains("the team committed to " + Fingerprint.ofText("network"));
      assertThat(reason(handedIn(program, FakeModels.DAMAGED)))
          .isEqualTo("CHECKPOINT_REFUSED the checkpoint: damaged");
      TestServer.await(server::isTidy, "jobs tidy up");
    }
  }

  /** A dataset that never comes says nothing about the network of the one that counts. */
  @Test
  void theNetworkOfADatasetThatLapsedHasNoScore() throws Exception {
    try (TestServer server = TestServer.start(folder)) {
      Browser browser = server.competitor("anna", "Team");
      Browser program = browser.program();
      Path zip = Pairs.pack(folder, "Team", 1);
      Manifest counts = Pairs.manifestOf(folder, "Team", 1);
      String dataset = commit(program, "/api/submissions/dataset", counts.toCanonicalJson());
      new Tus(program).upload(dataset, zip);
      assertThat(JourneyTest.decided(program, dataset)).isEqualTo("ACCEPTED");
      server.clock.set(server.clock.instant().plusSeconds(1)); // the latest counts
      commit(
          program,
          "/api/submissions/dataset",
          new Manifest(
                  Manifest.FORMAT,
                  "Team",
                  counts.seed(),
                  counts.pairs(),
                  counts.datasetFingerprint(),
                  counts.merkleRoot(),
                  Fingerprint.ofText("another network"),
                  counts.generator(),
                  counts.generatorProvenance(),
                  counts.labelerProvenance(),
                  counts.tool())
              .toCanonicalJson());
      server.clock.set(TestServer.DEADLINE);
      assertThat(handedIn(program, "another network").get("state").asString())
          .isEqualTo("ACCEPTED");

      server.clock.set(TestServer.DEADLINE.plus(Duration.ofDays(2)));
      assertThat(server.browser().page("/leaderboard.csv"))
          .as("no score, since that network is not the first dataset's")
          .doesNotContain("33.3");
    }
  }

  private JsonNode handedIn(Browser program, String network) throws Exception {
    byte[] bytes = network.getBytes(StandardCharsets.UTF_8);
    Claim claim =
        new Claim(
            50, "https://example.org/code", Claim.Kind.CHECKPOINT, Fingerprint.ofText(network));
    String id = commit(program, "/api/submissions/test", claim.toCanonicalJson());
    new Tus(program).upload(id, Files.write(folder.resolve("net"), bytes));
    JourneyTest.decided(program, id);
    return JsonMapper.shared().readTree(program.page("/api/submissions/" + id));
  }

  private static String commit(Browser program, String path, String document) {
    var answer = program.json(path, document);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return JsonMapper.shared().readTree(answer.body()).get("id").asString();
  }

  private static String reason(JsonNode submission) {
    JsonNode timeline = submission.get("timeline");
    JsonNode last = timeline.get(timeline.size() - 1);
    return last.get("reason").asString() + " " + last.get("message").asString();
  }
}
