package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.dataset.Fingerprint;
import tools.jackson.databind.json.JsonMapper;

/** A program that heard no answer commits to the same again. */
class CommitTest {
  private static final String DATASETS = "/api/submissions/dataset";
  private static final String RESULTS = "/api/submissions/test";

  @TempDir Path folder;

  @Test
  void whatWasCommittedToLastIsTheSameSubmissionUntilItsFileHasCome() {
    String rules =
        TestServer.RULES.replace("max_submissions_per_day: 5", "max_submissions_per_day: 1");
    try (TestServer server = TestServer.start(folder, rules, Optional.empty())) {
      Browser anna = server.competitor("anna", "Team");
      Browser program = anna.program();
      Path zip = Pairs.pack(folder, "Team", 1);
      String manifest = Pairs.manifestOf(folder, "Team", 1).toCanonicalJson();
      String dataset = requireOnce(server, program, DATASETS, manifest);
      Pairs.pack(folder, "Team", 2);
      String another = Pairs.manifestOf(folder, "Team", 2).toCanonicalJson();
      assertThat(program.json(DATASETS, another).body()).contains("all 1 submissions of");

      Tus tus = new Tus(program);
      tus.upload(dataset, zip);
      assertThat(program.json(DATASETS, manifest).body())
          .as("its file has come, so this is one more")
          .contains("all 1 submissions of");
      HttpResponse<String> whole = tus.begin(dataset, zip.toFile().length());
      assertThat(tus.head(whole.headers().firstValue("Location").orElseThrow()).headers().map())
          .as("it may be asked whether all has come")
          .containsEntry("upload-offset", List.of(Long.toString(zip.toFile().length())));
      assertThat(tus.begin(dataset, 1).statusCode()).isEqualTo(409);

      server.clock.set(TestServer.DEADLINE);
      Claim claim =
          new Claim(
              50, "https://example.org/code", Claim.Kind.PREDICTIONS, Fingerprint.ofText("x"));
      requireOnce(server, program, RESULTS, claim.toCanonicalJson());
    }
  }

  @Test
  void whatWasCommittedToBeforeIsOneMore() {
    try (TestServer server = TestServer.start(folder)) {
      Browser anna = server.competitor("anna", "Team");
      Browser program = anna.program();
      Pairs.pack(folder, "Team", 1);
      Pairs.pack(folder, "Team", 2);
      String first = Pairs.manifestOf(folder, "Team", 1).toCanonicalJson();
      String second = Pairs.manifestOf(folder, "Team", 2).toCanonicalJson();
      requireOnce(server, program, DATASETS, first);
      requireOnce(server, program, DATASETS, second);
      requireOnce(server, program, DATASETS, first);
      assertThat(JsonMapper.shared().readTree(program.page("/api/submissions")))
          .as("the last of them counts")
          .hasSize(3);
    }
  }

  @Test
  void aGeneratorThatTheRulesDoNotNameIsRefused() {
    try (TestServer server = TestServer.start(folder)) {
      Browser anna = server.competitor("anna", "Team");
      Browser program = anna.program();
      Pairs.pack(folder, "Team", 1);
      String manifest = Pairs.manifestOf(folder, "Team", 1).toCanonicalJson();
      for (String other : List.of("dall-e", "a\\u0000b", "x".repeat(1000))) {
        HttpResponse<String> answer =
            program.json(DATASETS, manifest.replace("stable-diffusion-1", other));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("generator").hasSizeLessThan(500);
      }
      assertThat(JsonMapper.shared().readTree(program.page("/api/submissions"))).isEmpty();
    }
  }

  /** Commits twice, to one submission with one entry in the log; returns its id. */
  private static String requireOnce(
      TestServer server, Browser program, String path, String document) {
    server.clock.set(server.clock.instant().plusSeconds(1));
    HttpResponse<String> first = program.json(path, document);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
    server.clock.set(server.clock.instant().plusSeconds(1));
    HttpResponse<String> again = program.json(path, document);
    assertThat(again.statusCode()).isEqualTo(201);
    assertThat(again.body()).as("receipt and timeline included").isEqualTo(first.body());
    String id = JsonMapper.shared().readTree(first.body()).get("id").asString();
    assertThat(server.organiser().page("/organiser/audit.jsonl")).containsOnlyOnce(id);
    return id;
  }
}
