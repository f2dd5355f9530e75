package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class UploadTest {
  @TempDir static Path folder;
  private static TestServer server;
  private static Browser program;
  private static Tus tus;
  private static int seed;

  @BeforeAll
  static void aTeam() {
    server =
        TestServer.start(
            folder,
            TestServer.RULES.replace("max_submissions_per_day: 5", "max_submissions_per_day: 100"),
            Optional.empty());
    Browser browser = server.competitor("anna", "Team");
    program = browser.program();
    tus = new Tus(program);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** Commits to new pairs; the package lies in {@link #zip}. */
  private String commit() {
    Pairs.pack(folder, "Team", ++seed);
    HttpResponse<String> committed =
        program.json(
            "/api/submissions/dataset", Pairs.manifestOf(folder, "Team", seed).toCanonicalJson());
    assertThat(committed.statusCode()).as(committed.body()).isEqualTo(201);
    return JsonMapper.shared().readTree(committed.body()).get("id").asString();
  }

  private byte[] zip() throws IOException {
    return Files.readAllBytes(folder.resolve("Team" + seed + ".zip"));
  }

  private static String location(HttpResponse<String> begun) {
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
    return begun.headers().firstValue("Location").orElseThrow();
  }

  private String offset(String upload) {
    return tus.head(upload).headers().firstValue("Upload-Offset").orElseThrow();
  }

  @Test
  void theServerTellsWhatItCan() {
    HttpResponse<String> abilities =
        program.send(program.request("/uploads").method("OPTIONS", BodyPublishers.noBody()));
    assertThat(abilities.headers().map())
        .containsEntry("tus-version", List.of("1.0.0"))
        .containsEntry("tus-extension", List.of("creation,checksum"))
        .containsEntry("tus-max-size", List.of("1048576"));
  }

  @Test
  void partsOutOfStepAreRefusedAndNothingOfThemStays() throws IOException {
    String submission = commit();
    byte[] bytes = zip();
    String upload = location(tus.begin(submission, bytes.length));
    byte[] part = Arrays.copyOf(bytes, 50);
    assertThat(tus.patch(upload, 10, part, null).statusCode()).isEqualTo(409);
    assertThat(tus.patch(upload, 0, part, Tus.sha256(new byte[1])).statusCode()).isEqualTo(460);
    assertThat(tus.patch(upload, 0, part, "md5 x").statusCode()).isEqualTo(400);
    assertThat(tus.patch(upload, 0, new byte[bytes.length + 1], null).statusCode()).isEqualTo(413);
    assertThat(offset(upload)).isEqualTo("0");

    assertThat(tus.patch(upload, 0, part, Tus.sha256(part)).statusCode()).isEqualTo(204);
    assertThat(offset(upload)).isEqualTo("50");
    assertThat(location(tus.begin(submission, bytes.length)))
        .as("begun again, it goes on")
        .isEqualTo(upload);
    byte[] rest = Arrays.copyOfRange(bytes, 50, bytes.length);
    assertThat(tus.patch(upload, 50, rest, null).statusCode()).isEqualTo(204);
    assertThat(tus.patch(upload, bytes.length, new byte[0], null).statusCode())
        .as("a whole file takes nothing more")
        .isEqualTo(409);
    assertThat(JourneyTest.decided(program, submission)).isEqualTo("ACCEPTED");
  }

  /** Otherwise a file would take room that the team's quota does not know of. */
  @Test
  void ofAFileBegunAnewWithAnotherLengthNothingStays() throws IOException {
    String submission = commit();
    String upload = location(tus.begin(submission, 100));
    assertThat(tus.patch(upload, 0, new byte[50], null).statusCode()).isEqualTo(204);
    Path file = server.part(ServerFolder.class).upload(UUID.fromString(submission));
    assertThat(file).hasSize(50);
    String another = location(tus.begin(submission, 10));
    assertThat(file).doesNotExist();
    assertThat(offset(another)).isEqualTo("0");
    assertThat(tus.patch(upload, 50, new byte[50], null).statusCode()).isEqualTo(404);
  }

  @Test
  void sizesAndHeadersAreBounded() {
    String submission = commit();
    assertThat(tus.begin(submission, (1 << 20) + 1).statusCode()).isEqualTo(400);
    assertThat(tus.begin(submission, 0).statusCode()).isEqualTo(400);
    assertThat(tus.begin("no id", 10).statusCode()).isEqualTo(400);
    assertThat(program.send(program.request("/uploads").POST(BodyPublishers.noBody())).statusCode())
        .isEqualTo(400);
    String upload = location(tus.begin(submission, 10));
    assertThat(
            program
                .send(
                    program
                        .request(upload)
                        .header("Upload-Offset", "0")
                        .method("PATCH", BodyPublishers.noBody()))
                .statusCode())
        .as("without a version")
        .isEqualTo(412);
  }

  @Test
  void badArchivesAreRejectedWithOneReasonAndLeaveNothing() throws IOException {
    ByteArrayOutputStream escaping = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(escaping)) {
      zip.putNextEntry(new ZipEntry("../../evil.txt"));
      zip.write(1);
    }
    rejected(escaping.toByteArray(), "ARCHIVE_REFUSED", "evil.txt");
    rejected("no zip at all".getBytes(StandardCharsets.UTF_8), "ARCHIVE_REFUSED", "no sound zip");

    String first = commit();
    byte[] another = zip();
    rejected(another, "NOT_AS_COMMITTED", "not the one that was committed to");
    assertThat(first).isNotNull();
    TestServer.await(server::isTidy, "jobs tidy up");
    assertThat(folder.resolve("evil.txt")).doesNotExist();
  }

  private void rejected(byte[] file, String reason, String message) {
    String submission = commit();
    String upload = location(tus.begin(submission, file.length));
    assertThat(tus.patch(upload, 0, file, null).statusCode()).isEqualTo(204);
    assertThat(JourneyTest.decided(program, submission)).isEqualTo("REJECTED");
    JsonNode timeline =
        JsonMapper.shared()
            .readTree(program.page("/api/submissions/" + submission))
            .get("timeline");
    JsonNode last = timeline.get(timeline.size() - 1);
    assertThat(last.get("reason").asString()).isEqualTo(reason);
    assertThat(last.get("message").asString()).contains(message).doesNotContain(folder.toString());
    Path kept = folder.resolve("data/uploads/" + submission);
    TestServer.await(() -> Files.notExists(kept), "the file is deleted");
  }
}
