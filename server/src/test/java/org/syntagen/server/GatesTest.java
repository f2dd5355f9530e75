package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.InputException;

/** What keeps strangers, and second servers, out. */
class GatesTest {
  @TempDir Path folder;

  @Test
  void passwordsCannotBeGuessedAndRolesEndAtOnce() {
    try (TestServer server = TestServer.start(folder)) {
      server.browser().register("anna");
      for (int i = 0; i < 10; i++) {
        assertThat(signIn(server, "wrong password")).endsWith("/login");
      }
      assertThat(signIn(server, "correct horse anna")).as("too late").endsWith("/login");
      server.clock.set(server.clock.instant().plus(Duration.ofMinutes(10)));
      assertThat(signIn(server, "wrong password")).as("may err again").endsWith("/login");
      assertThat(signIn(server, "correct horse anna")).isEqualTo("/");

      Browser organiser = server.organiser();
      Browser otto = server.official(organiser, "otto", "ORGANISER");
      assertThat(otto.get("/organiser").statusCode()).isEqualTo(200);
      String id =
          Browser.found(
              organiser.page("/organiser/accounts"),
              "(?s)otto@example.org.*?/organiser/accounts/([0-9a-f-]+)/role");
      organiser.submit("/organiser/accounts/" + id + "/role", Map.of("role", "COMPETITOR"));
      assertThat(otto.get("/organiser").statusCode()).isEqualTo(403);
      assertThat(otto.post("/organiser/accounts/" + id + "/role", Map.of("role", "ORGANISER")))
          .extracting(answer -> answer.statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void formsOfOtherSitesAreRefused() {
    try (TestServer server = TestServer.start(folder)) {
      Browser anna = server.browser().register("anna");
      var forged =
          anna.send(
              anna.request("/team")
                  .header("Content-Type", "application/x-www-form-urlencoded")
                  .POST(BodyPublishers.ofString("name=Forged")));
      assertThat(forged.statusCode()).isEqualTo(403);
      assertThat(anna.page("/team")).contains("You are in no team yet");
      assertThat(anna.get("/").headers().firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "frame-ancestors 'none'");
    }
  }

  @Test
  void lookingAtTheLogUsesNothingUp() {
    try (TestServer server = TestServer.start(folder)) {
      Browser organiser = server.organiser();
      for (int i = 0; i < 20; i++) { // more than the database has connections
        assertThat(organiser.page("/organiser/audit")).contains("register");
      }
    }
  }

  @Test
  void aFolderHasOneServer() {
    try (TestServer server = TestServer.start(folder)) {
      assertThatExceptionOfType(InputException.class)
          .isThrownBy(
              () ->
                  Server.start(
                      new ServerOptions(
                          server.folder.resolve("data"),
                          "127.0.0.1",
                          0,
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty(),
                          Optional.empty()),
                      new FakeModels(),
                      server.clock))
          .withMessageContaining("is used by another server");
      assertThat(server.browser().get("/").statusCode()).isEqualTo(200);
    }
  }

  private static String signIn(TestServer server, String password) {
    return server
        .browser()
        .submit("/login", Map.of("username", "anna@example.org", "password", password));
  }
}
