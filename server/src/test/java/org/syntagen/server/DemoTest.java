package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {
  @TempDir Path folder;

  private Server start(TestClock clock) {
    return Server.start(
        new ServerOptions(
            folder.resolve("demo"),
            "127.0.0.1",
            0,
            Optional.empty(),
            Optional.of(Pairs.write(folder.resolve("private"), 100, "t0")),
            Optional.empty(),
            Optional.empty()),
        new FakeModels(),
        clock);
  }

  private static Browser browser(Server server) {
    return Browser.at(URI.create("http://127.0.0.1:" + server.port()));
  }

  @Test
  void aNewFolderShowsTheResultsOf2024AndALaterStartTheSame() throws IOException {
    TestClock clock = new TestClock(Instant.parse("2030-02-10T12:00:00Z"));
    String board;
    String release;
    try (Server server = start(clock)) {
      Browser visitor = browser(server);
      board = visitor.page("/leaderboard.csv");
      release = visitor.page("/release");
      assertThat(board.lines().skip(1))
          .satisfiesExactly(
              first -> assertThat(first).startsWith("1,Teddy Bear - sample,51.03,"),
              second -> assertThat(second).startsWith("2,HNU-VPAI - sample,47.36,"),
              third -> assertThat(third).startsWith("3,Hot Coffee - sample,46.25,"));
      assertThat(visitor.page("/")).contains("9 Feb 2030, 23:59", "10 Feb 2030, 07:59", "open now");
      assertThat(visitor.page("/rules")).contains("512 × 512 pixels", "tvmonitor");
      assertThat(visitor.get("/leaderboard").headers().map())
          .as("visitors get no session")
          .doesNotContainKey("set-cookie");
      requireBoards(server, visitor);
    }
    clock.set(Instant.parse("2030-02-12T12:00:00Z"));
    try (Server server = start(clock)) {
      assertThat(browser(server).page("/leaderboard.csv")).isEqualTo(board);
      assertThat(browser(server).page("/release")).isEqualTo(release);
    }
  }

  @Test
  void theWebServerWritesWithinTheFolder() {
    try (Server server = start(new TestClock(Instant.parse("2030-02-10T12:00:00Z")))) {
      assertThat(browser(server).get("/").statusCode()).isEqualTo(200);
      assertThat(folder.resolve("demo/tomcat")).isNotEmptyDirectory();
    }
  }

  /** Boards that are kept for visitors are those that are rendered for somebody with a name. */
  private static void requireBoards(Server server, Browser visitor) throws IOException {
    String first = visitor.page("/leaderboard");
    HttpResponse<byte[]> compressed =
        visitor.getBytes(visitor.request("/leaderboard").header("Accept-Encoding", "gzip"));
    assertThat(compressed.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(compressed.headers().map()).containsKeys("content-security-policy", "vary");
    try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(compressed.body()))) {
      assertThat(plain).hasContent(first);
    }
    assertThat(visitor.page("/leaderboard?board=PROVISIONAL")).contains("By what teams claim");
    assertThat(visitor.get("/leaderboard?board=NONE").statusCode()).isEqualTo(400);
    Browser anna =
        browser(server).register("anna").signIn("anna@example.org", "correct horse anna");
    assertThat(anna.page("/leaderboard")).contains("Sign out", "HNU-VPAI - sample");
    assertThat(visitor.page("/leaderboard")).as("after an entry of the log").isEqualTo(first);
  }
}
