package org.syntagen.server;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.Fingerprint;
import tools.jackson.databind.json.JsonMapper;

/** Every address that the server knows × everybody who may come, with ids of one team's things. */
class AccessMatrixTest {
  /** Whom an address is for. */
  private enum For {
    ALL,
    SIGNED_IN,
    COMPETITORS,
    OWNERS,
    OWNERS_AND_OFFICIALS,
    VERIFIERS,
    ORGANISERS
  }

  /**
   * Who comes. The owner is in the team whose ids are in the addresses; the stranger in another.
   */
  private enum Who {
    VISITOR,
    OWNER,
    STRANGER,
    TEAMLESS,
    VERIFIER,
    ORGANISER
  }

  private static final Map<String, For> ROUTES =
      Map.ofEntries(
          entry("GET /", For.ALL),
          entry("GET /rules", For.ALL),
          entry("GET /leaderboard", For.ALL),
          entry("GET /leaderboard.csv", For.ALL),
          entry("GET /leaderboard/{team}", For.ALL),
          entry("GET /release", For.ALL),
          entry("GET /release/test.sealed", For.ALL),
          entry("GET /release/key", For.ALL),
          entry("GET /host-key.pem", For.ALL),
          entry("GET /login", For.ALL),
          entry("GET /register", For.ALL),
          entry("POST /register", For.ALL),
          entry("GET /account", For.SIGNED_IN),
          entry("POST /account/tokens", For.SIGNED_IN),
          entry("POST /account/tokens/{id}/remove", For.OWNERS),
          entry("GET /team", For.COMPETITORS),
          entry("POST /team", For.COMPETITORS),
          entry("POST /team/invitations", For.COMPETITORS),
          entry("GET /invitations/{secret}", For.COMPETITORS),
          entry("POST /invitations/{secret}", For.COMPETITORS),
          entry("GET /submissions", For.SIGNED_IN),
          entry("POST /submissions/dataset", For.COMPETITORS),
          entry("POST /submissions/test", For.COMPETITORS),
          entry("GET /submissions/{id}", For.OWNERS_AND_OFFICIALS),
          entry("GET /submissions/{id}/file", For.OWNERS_AND_OFFICIALS),
          entry("GET /submissions/{id}/gallery/{number}/{what}.png", For.OWNERS_AND_OFFICIALS),
          entry("GET /api/submissions", For.SIGNED_IN),
          entry("GET /api/submissions/{id}", For.OWNERS_AND_OFFICIALS),
          entry("POST /api/submissions/dataset", For.COMPETITORS),
          entry("POST /api/submissions/test", For.COMPETITORS),
          entry("OPTIONS /uploads", For.COMPETITORS),
          entry("POST /uploads", For.OWNERS),
          entry("HEAD /uploads/{id}", For.OWNERS),
          entry("PATCH /uploads/{id}", For.OWNERS),
          entry("GET /verification", For.VERIFIERS),
          entry("GET /verification/{team}", For.VERIFIERS),
          entry("POST /verification/{team}", For.VERIFIERS),
          entry("POST /verification/{team}/replications", For.VERIFIERS),
          entry("GET /verification/{team}/evidence/{id}.zip", For.VERIFIERS),
          entry("GET /organiser", For.ORGANISERS),
          entry("GET /organiser/accounts", For.ORGANISERS),
          entry("POST /organiser/accounts/{id}/role", For.ORGANISERS),
          entry("GET /organiser/audit", For.ORGANISERS),
          entry("GET /organiser/audit.jsonl", For.ORGANISERS),
          entry("GET /organiser/export.zip", For.ORGANISERS),
          entry("POST /organiser/disqualifications", For.ORGANISERS),
          entry("POST /organiser/disqualifications/{team}/sign-off", For.ORGANISERS),
          entry("POST /organiser/disqualifications/{team}/withdraw", For.ORGANISERS),
          entry("POST /organiser/submissions/{id}/retry", For.ORGANISERS));

  @TempDir static Path folder;
  private static TestServer server;
  private static Map<Who, Browser> browsers;
  private static String dataset; // the owner's, accepted
  private static String waiting; // the owner's, whose file is coming
  private static String upload;
  private static String token;
  private static String team;
  private static String account;
  private static List<String> secrets; // what no stranger may read

  @BeforeAll
  static void aTeamWithThingsOfItsOwn() throws Exception {
    server = TestServer.start(folder);
    Browser organiser = server.organiser();
    Browser owner = server.competitor("owner", "Own");
    Browser verifier = server.official(organiser, "vera", "VERIFIER");
    browsers =
        Map.of(
            Who.VISITOR,
            server.browser(),
            Who.OWNER,
            owner,
            Who.STRANGER,
            server.competitor("stranger", "Other"),
            Who.TEAMLESS,
            server.browser().register("teamless"),
            Who.VERIFIER,
            verifier,
            Who.ORGANISER,
            organiser);

    String page = owner.post("/account/tokens", Map.of("name", "x")).body();
    token = Browser.found(page, "/account/tokens/([0-9a-f-]+)/remove");
    Browser program =
        Browser.withToken(server.address(), Browser.found(page, ">(syntagen_[0-9a-f]+)<"));
    Path zip = Pairs.pack(folder, "Own", 1);
    Manifest manifest = Pairs.manifestOf(folder, "Own", 1);
    dataset = committed(program, "/api/submissions/dataset", manifest.toCanonicalJson());
    new Tus(program).upload(dataset, zip);
    assertThat(JourneyTest.decided(program, dataset)).isEqualTo("ACCEPTED");

    server.clock.set(TestServer.DEADLINE);
    Claim claim =
        new Claim(
            61.25, "https://example.org/secret", Claim.Kind.PREDICTIONS, Fingerprint.ofText("x"));
    waiting = committed(program, "/api/submissions/test", claim.toCanonicalJson());
    upload = new Tus(program).begin(waiting, 100).headers().firstValue("Location").orElseThrow();
    team = Browser.found(organiser.page("/verification"), "/verification/([0-9a-f-]+)\">Own<");
    account =
        Browser.found(
            organiser.page("/organiser/accounts"),
            "(?s)teamless@example.org.*?/organiser/accounts/([0-9a-f-]+)/role");
    secrets =
        List.of(manifest.merkleRoot(), "owner@example.org", "example.org/secret", "61.25", waiting);
  }

  private static String committed(Browser program, String path, String document) {
    var answer = program.json(path, document);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return JsonMapper.shared().readTree(answer.body()).get("id").asString();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void everyAddressIsInTheMatrix() {
    Set<String> mapped =
        server.part(RequestMappingHandlerMapping.class).getHandlerMethods().keySet().stream()
            .flatMap(
                mapping ->
                    mapping.getPatternValues().stream()
                        .flatMap(
                            pattern ->
                                mapping.getMethodsCondition().getMethods().stream()
                                    .map(method -> method + " " + pattern)))
            .collect(Collectors.toSet());
    assertThat(ROUTES.keySet()).isEqualTo(mapped);
  }

  /** Those with the fewest rights come first, since what they do must change nothing. */
  @TestFactory
  List<DynamicTest> everybodyGetsWhatIsTheirsAndNothingElse() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Who who : Who.values()) {
      ROUTES.keySet().stream()
          .sorted(Comparator.naturalOrder())
          .forEach(
              route ->
                  tests.add(DynamicTest.dynamicTest(who + " " + route, () -> check(who, route))));
    }
    return tests;
  }

  private static void check(Who who, String route) {
    HttpResponse<String> answer = send(browsers.get(who), route);
    int status = answer.statusCode();
    String location = answer.headers().firstValue("Location").orElse("");
    boolean signIn = status == 302 && location.endsWith("/login") || status == 401;
    assertThat(status).as(answer.body()).isLessThan(500);
    switch (ROUTES.get(route)) {
      case ALL -> assertThat(signIn || status == 403).isFalse();
      case SIGNED_IN -> expect(signIn, status, who != Who.VISITOR, who == Who.VISITOR);
      case COMPETITORS -> expect(signIn, status, isCompetitor(who), who == Who.VISITOR);
      case OWNERS -> {
        if (who == Who.OWNER) {
          expect(signIn, status, true, false);
        } else {
          assertThat(signIn || status == 403 || status == 404).as("%d", status).isTrue();
        }
      }
      case OWNERS_AND_OFFICIALS -> {
        if (who == Who.STRANGER || who == Who.TEAMLESS) {
          assertThat(status).isEqualTo(404);
        } else {
          expect(signIn, status, who != Who.VISITOR, who == Who.VISITOR);
          assertThat(status).isNotEqualTo(404);
        }
      }
      case VERIFIERS -> expect(signIn, status, isOfficial(who), who == Who.VISITOR);
      case ORGANISERS -> expect(signIn, status, who == Who.ORGANISER, who == Who.VISITOR);
      default -> throw new IllegalStateException();
    }
    if (List.of(Who.VISITOR, Who.STRANGER, Who.TEAMLESS).contains(who) && !isBoard(route)) {
      assertThat(answer.body()).doesNotContain(secrets);
    }
  }

  private static void expect(boolean signIn, int status, boolean allowed, boolean visitor) {
    if (allowed) {
      assertThat(signIn || status == 403).as("refused with %d", status).isFalse();
    } else if (visitor) {
      assertThat(signIn).as("%d instead of signing in", status).isTrue();
    } else {
      assertThat(status).isEqualTo(403);
    }
  }

  private static boolean isCompetitor(Who who) {
    return List.of(Who.OWNER, Who.STRANGER, Who.TEAMLESS).contains(who);
  }

  private static boolean isOfficial(Who who) {
    return List.of(Who.VERIFIER, Who.ORGANISER).contains(who);
  }

  /** Claimed scores are public there. */
  private static boolean isBoard(String route) {
    return route.startsWith("GET /leaderboard");
  }

  private static HttpResponse<String> send(Browser browser, String route) {
    String method = route.substring(0, route.indexOf(' '));
    String path =
        route
            .substring(route.indexOf(' ') + 1)
            .replace("/tokens/{id}", "/tokens/" + token)
            .replace("/uploads/{id}", upload)
            .replace("/accounts/{id}", "/accounts/" + account)
            .replace("{id}", dataset)
            .replace("{team}", team)
            .replace("{secret}", "0123456789")
            .replace("{number}", "0")
            .replace("{what}", "mask");
    Tus tus = new Tus(browser);
    return switch (method) {
      case "GET" -> browser.get(path);
      case "HEAD" -> tus.head(path);
      case "PATCH" -> tus.patch(path, 0, new byte[1], null);
      case "OPTIONS" -> browser.send(browser.request(path).method(method, BodyPublishers.noBody()));
      default ->
          path.equals("/uploads")
              ? tus.begin(waiting, 100)
              : browser.post(
                  path,
                  Map.ofEntries(
                      entry("name", "New"),
                      entry("email", "x"),
                      entry("password", "short"),
                      entry("miou", 50),
                      entry("code", "https://example.org/x"),
                      entry("kind", "CHECKPOINT"),
                      entry("fileHash", "00"),
                      entry("team", team),
                      entry("verdict", "EXACT"),
                      entry("publicSeed", "4 8 15"),
                      entry("role", "COMPETITOR"),
                      entry("reason", "because"),
                      entry("evidence", "here")));
    };
  }
}
