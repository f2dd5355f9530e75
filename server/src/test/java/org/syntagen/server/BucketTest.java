package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.server.store.FakeS3;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server that keeps files of submissions in a bucket. */
class BucketTest {
  @TempDir Path folder;

  @Test
  void whatComesOfSubmissionsIsTheSameAsInAFolder() throws Exception {
    try (FakeS3 s3 = new FakeS3()) {
      Path here = Files.createDirectory(folder.resolve("here"));
      Path there = Files.createDirectory(folder.resolve("there"));
      List<String> inFolder = results(here, Optional.empty());
      List<String> inBucket = results(there, Optional.of(s3.bucket()));
      assertThat(inBucket).isEqualTo(inFolder).hasSize(4);
      assertThat(s3.objects()).as("accepted ones").hasSize(2);
      assertThat(there.resolve("data/uploads")).isEmptyDirectory();
      assertThat(there.resolve("data/work")).isEmptyDirectory();
      assertThat(here.resolve("data/uploads").toFile().list()).hasSize(2);
    }
  }

  /** State, score and last word of a good and a bad dataset, and of good and bad predictions. */
  private static List<String> results(Path folder, Optional<ServerOptions.Bucket> bucket)
      throws IOException {
    try (TestServer server =
        TestServer.start(folder, TestServer.RULES, Optional.empty(), bucket, new FakeModels())) {
      Browser program = program(server);
      Path dataset = Pairs.pack(folder, "Team", 1);
      Path bad = Files.writeString(folder.resolve("bad.zip"), "no zip");
      Path predictions =
          Pairs.predictions(
              folder.resolve("predictions.zip"),
              Map.of("t0", Pairs.mask(1), "t1", Pairs.mask(2), "t2", Pairs.mask(0)));
      List<String> results = new ArrayList<>();
      String manifest = Pairs.manifestOf(folder, "Team", 1).toCanonicalJson();
      results.add(result(program, commit(program, "dataset", manifest), bad));
      results.add(result(program, commit(program, "dataset", manifest), dataset));
      server.clock.set(TestServer.DEADLINE);
      results.add(result(program, commit(program, "test", claim(bad)), bad));
      results.add(result(program, commit(program, "test", claim(predictions)), predictions));
      await(() -> folder.resolve("data/work").toFile().list().length == 0);
      return results;
    }
  }

  @Test
  void aBucketThatIsAwayCostsATeamNothing() throws Exception {
    try (FakeS3 s3 = new FakeS3();
        TestServer server =
            TestServer.start(
                folder,
                TestServer.RULES,
                Optional.empty(),
                Optional.of(s3.bucket()),
                new FakeModels())) {
      Browser program = program(server);
      Path dataset = Pairs.pack(folder, "Team", 1);
      s3.answer(3); // and then no more, in the middle of the file's way
      String id = commit(program, "dataset", Pairs.manifestOf(folder, "Team", 1).toCanonicalJson());
      new Tus(program).upload(id, dataset);
      await(s3::isAway);
      assertThat(submission(program, id).get("state").asString()).isEqualTo("QUEUED");
      assertThat(program.getBytes("/submissions/" + id + "/file").body())
          .isEqualTo(Files.readAllBytes(dataset));

      s3.answer(Integer.MAX_VALUE);
      assertThat(JourneyTest.decided(program, id)).isEqualTo("ACCEPTED");
      assertThat(
              submission(program, id).get("timeline").values().stream()
                  .map(event -> event.get("reason").asString()))
          .containsExactly("COMMITTED", "UPLOADED", "STARTED", "ACCEPTED");
      assertThat(program.getBytes("/submissions/" + id + "/file").body())
          .isEqualTo(Files.readAllBytes(dataset));
    }
  }

  private static Browser program(TestServer server) {
    Browser anna = server.competitor("anna", "Team");
    return anna.program();
  }

  private static String commit(Browser program, String kind, String document) {
    HttpResponse<String> committed = program.json("/api/submissions/" + kind, document);
    assertThat(committed.statusCode()).as(committed.body()).isEqualTo(201);
    return JsonMapper.shared().readTree(committed.body()).get("id").asString();
  }

  private static String claim(Path file) throws IOException {
    return new Claim(
            50, "https://example.org/code", Claim.Kind.PREDICTIONS, Fingerprint.ofFile(file))
        .toCanonicalJson();
  }

  private static String result(Browser program, String id, Path file) throws IOException {
    new Tus(program).upload(id, file);
    String state = JourneyTest.decided(program, id);
    JsonNode submission = submission(program, id);
    JsonNode timeline = submission.get("timeline");
    HttpResponse<byte[]> kept = program.getBytes("/submissions/" + id + "/file");
    if (state.equals("ACCEPTED")) {
      assertThat(kept.body()).isEqualTo(Files.readAllBytes(file));
      assertThat(kept.headers().firstValueAsLong("Content-Length")).hasValue(Files.size(file));
    } else {
      await(() -> program.get("/submissions/" + id + "/file").statusCode() == 404);
    }
    return "%s %s %s"
        .formatted(state, submission.get("miou"), timeline.get(timeline.size() - 1).get("message"));
  }

  private static JsonNode submission(Browser program, String id) {
    return JsonMapper.shared().readTree(program.page("/api/submissions/" + id));
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (!condition.holds()) {
      assertThat(Instant.now()).isBefore(end);
      LockSupport.parkNanos(20_000_000);
    }
  }
}
