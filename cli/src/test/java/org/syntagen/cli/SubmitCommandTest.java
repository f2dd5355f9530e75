package org.syntagen.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syntagen.cli.CommandLineTest.run;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.MerkleTree;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.server.Server;
import org.syntagen.server.ServerOptions;

/** A competitor's command line against a real server. */
class SubmitCommandTest {
  private static final Instant OPEN = Instant.parse("2024-05-01T12:00:00Z");

  @TempDir Path folder;
  private final HttpClient client =
      HttpClient.newBuilder()
          .cookieHandler(new CookieManager())
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();
  private Server server;
  private String address;

  @BeforeEach
  void aServerAndATeam() throws Exception {
    Path rules =
        Files.writeString(
            folder.resolve("rules.yaml"),
            CompetitionFile.exampleText()
                .replace("width: 512", "width: 128")
                .replace("height: 512", "height: 128"));
    server =
        Server.start(
            new ServerOptions(
                folder.resolve("data"),
                "127.0.0.1",
                0,
                Optional.of(rules),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()),
            new ServedModels(List.of(), new ReplicationOptions()),
            Clock.fixed(OPEN, ZoneOffset.UTC));
    address = "http://localhost:" + server.port();
    post("/register", Map.of("email", "a@example.org", "name", "a", "password", "0123456789"));
    post("/team", Map.of("name", "t"));
    String page = post("/account/tokens", Map.of("name", "test"));
    Matcher token = Pattern.compile(">(syntagen_[0-9a-f]+)<").matcher(page);
    assertThat(token.find()).isTrue();
    System.setProperty("syntagen.token", token.group(1));
  }

  @AfterEach
  void stop() {
    System.clearProperty("syntagen.token");
    server.close();
  }

  @Test
  void aPackageIsCommittedUploadedAndFollowed() throws IOException {
    Path entry = entry("t");
    String out = run("submit", entry, "--server", address).succeeds().out();
    Matcher id = Pattern.compile("submission (\\S+) is uploaded").matcher(out);
    assertThat(id.find()).isTrue();
    assertThat(folder.resolve("t.zip.submission.json")).content().contains("signature");
    assertThat(run("status", "--server", address).succeeds().out())
        .contains(id.group(1), "DATASET");
    assertThat(run("status", id.group(1), "--server", address).succeeds().out())
        .contains("COMMITTED: ", "UPLOADED: ");
    assertThat(run("submit", entry, "--server", address).succeeds().out())
        .as("done already")
        .contains(id.group(1));
  }

  @Test
  void oneThatWasBrokenOffGoesOnWithItsSubmission() throws IOException {
    Path entry = entry("t");
    String manifest;
    try (ZipFile zip = new ZipFile(entry.toFile())) {
      byte[] bytes = zip.getInputStream(zip.getEntry(Manifest.FILE)).readAllBytes();
      manifest = new String(bytes, StandardCharsets.UTF_8);
    }
    String token = System.getProperty("syntagen.token");
    String id =
        new CompetitionServer(URI.create(address), token)
            .post("/api/submissions/dataset", manifest)
            .path("id")
            .asString();
    assertThat(run("submit", entry, "--server", address).succeeds().out())
        .as("the server had seen it, which never came to be told")
        .contains("submission " + id + " is uploaded");
  }

  @Test
  void whatCannotBeSubmittedIsSaidInOneLine() throws IOException {
    run("submit", entry("other"), "--server", address)
        .fails(2, "the manifest is of the team \"other\"; expected yours, \"t\"");
    run("submit", entry("t"), "--server", "http://example.org")
        .fails(2, "expected an address with https");
    for (String none : List.of("example.org", "localhost:8080", "https:example.org")) {
      run("submit", entry("t"), "--server", none).fails(2, "expected an address with https");
    }
    run("submit", entry("t"), "--miou", "50", "--server", address)
        .fails(2, "--miou and --code go together");
    run(
            "submit",
            entry("t"),
            "--miou",
            "50",
            "--code",
            "https://example.org/c",
            "--server",
            address)
        .fails(2, "Private test set");
    run("status", "x", "--server", address).fails(2, "is no id of a submission");
    System.setProperty("syntagen.token", "syntagen_0000");
    run("status", "--server", address).fails(2, "send a token that holds");
    run("status", "--server", "http://localhost:1").fails(1, "does not answer");
  }

  private Path entry(String team) throws IOException {
    Path zip = folder.resolve(team + ".zip");
    if (!Files.exists(zip)) {
      Path pairs = twoScenes();
      var report =
          SubmissionPackage.check(
              pairs, CompetitionFile.read(folder.resolve("rules.yaml")).rules(), (d, n) -> {});
      SubmissionPackage.write(
          zip,
          new Manifest(
              Manifest.FORMAT,
              team,
              7,
              report.samples().size(),
              Fingerprint.of(report.samples()),
              MerkleTree.ofSamples(report.samples()).root(),
              Fingerprint.ofText("network"),
              "stable-diffusion-1",
              Map.of(),
              Map.of(),
              "test"),
          Dataset.open(pairs));
    }
    return zip;
  }

  private Path twoScenes() throws IOException {
    Path pairs = folder.resolve("pairs");
    if (!Files.exists(pairs)) {
      Dataset scenes = Dataset.open(Tool.asset(Tool.TEST_SCENES));
      Files.createDirectories(pairs.resolve("image"));
      Files.createDirectories(pairs.resolve("mask"));
      for (int i = 0; i < 2; i++) {
        Path image = scenes.imageFile(i);
        Path mask = scenes.maskFile(i);
        Files.copy(image, pairs.resolve("image").resolve(image.getFileName()));
        Files.copy(mask, pairs.resolve("mask").resolve(mask.getFileName()));
      }
      Files.write(pairs.resolve("train.txt"), scenes.ids().subList(0, 2));
    }
    return pairs;
  }

  private String post(String path, Map<String, String> fields) throws Exception {
    String page = send(HttpRequest.newBuilder(URI.create(address + "/login")).GET());
    Matcher csrf = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"").matcher(page);
    assertThat(csrf.find()).isTrue();
    String form =
        fields.entrySet().stream()
            .map(
                each ->
                    each.getKey()
                        + "="
                        + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    return send(
        HttpRequest.newBuilder(URI.create(address + path))
            .header("X-CSRF-TOKEN", csrf.group(1))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  private String send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }
}
