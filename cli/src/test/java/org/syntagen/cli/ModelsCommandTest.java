package org.syntagen.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syntagen.cli.CommandLineTest.run;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Models from a hub on this machine to an image of theirs. */
class ModelsCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"pull", "check"})
  void everyCommandExplainsItselfWithAnExample(String command) {
    assertThat(run("models", command, "--help").succeeds().out())
        .contains("Usage: syntagen models " + command, "Example")
        .doesNotContain("${", "%n");
  }

  @Test
  void aPulledModelPaintsWhatItsOriginalDoesAndTheSameTwice() throws Exception {
    Path pulled = folder.resolve("pulled");
    HttpServer hub = hub(Tool.asset(Tool.MODEL));
    try {
      String address = "http://127.0.0.1:" + hub.getAddress().getPort() + "/";
      for (int time = 0; time < 2; time++) {
        assertThat(
                run("models", "pull", "us/tiny", "--hub", address, "--out", pulled)
                    .succeeds()
                    .out())
            .contains("12 files of us/tiny", "whole and checked", "a".repeat(40));
      }
      run("models", "pull", "us/other", "--hub", address).fails(2, "us/other", "there is none");
    } finally {
      hub.stop(0);
    }
    Path png = folder.resolve("check.png");
    String shown = run("models", "check", pulled, "--out", png).succeeds().out();
    JsonNode original =
        JSON.readTree(run("models", "check", Tool.asset(Tool.MODEL), "--json").succeeds().out());
    assertThat(shown)
        .contains(
            "model " + original.path("modelFingerprint").asString(),
            "image " + original.path("imageFingerprint").asString(),
            "128 x 128 pixels");
    assertThat(Fingerprint.ofImage(Images.readRgb(png)))
        .isEqualTo(original.path("imageFingerprint").asString());
    assertThat(run("models", "inspect", pulled).succeeds().out())
        .contains("fingerprint " + original.path("modelFingerprint").asString());
  }

  @Test
  void aHubThatCannotBeReachedIsAFailureAndAWrongNameAMistake() {
    Path out = folder.resolve("model");
    run("models", "pull", "us/tiny", "--hub", "http://127.0.0.1:1", "--out", out)
        .fails(1, "http://127.0.0.1:1 cannot be reached", "--hub");
    run("models", "pull", "tiny", "--out", out).fails(2, "'tiny'", "owner/name", "sd1.5");
    run("models", "pull", "us/tiny", "--hub", "nowhere", "--out", out).fails(2, "'nowhere'");
    assertThat(out).doesNotExist();
    assertThat(run("models", "pull").code()).isEqualTo(2);
  }

  @Test
  void whatIsNoModelIsNotChecked() {
    run("models", "check", folder.resolve("none")).fails(2, "none", "no such model folder");
    run("models", "check", Tool.asset(Tool.MODEL), "--ema").fails(2, "--ema", "leave them out");
    assertThat(run("models", "check").code()).isEqualTo(2);
  }

  /** A hub with one model. */
  private static HttpServer hub(Path model) throws Exception {
    ObjectNode listing = JSON.createObjectNode().put("sha", "a".repeat(40));
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String path = model.relativize(file).toString().replace(File.separatorChar, '/');
        listing
            .withArray("siblings")
            .addObject()
            .put("rfilename", path)
            .put("size", Files.size(file))
            .putObject("lfs")
            .put("sha256", sha256(file));
      }
    }
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    serve(server, "/api/models/us/tiny/revision/main", listing.toString().getBytes());
    for (JsonNode file : listing.path("siblings")) {
      String path = file.path("rfilename").asString();
      serve(
          server,
          "/us/tiny/resolve/" + "a".repeat(40) + "/" + path,
          Files.readAllBytes(model.resolve(path)));
    }
    server.start();
    return server;
  }

  private static void serve(HttpServer server, String path, byte[] content) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
          }
        });
  }

  private static String sha256(Path file) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
