package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syntagen.challenge.verification.Verdict;
import tools.jackson.databind.json.JsonMapper;

/**
 * The people and programs of a small competition. Whatever a kill of the server breaks off they try
 * again: programs send the same request, people look first what came of it.
 */
final class Contest {
  private static final int PARTS = 30;
  private static final long BETWEEN_LOOKS_NANOS = 200_000_000;

  /** Somebody with an account. */
  record Person(String email, String password) {
    /** Somebody who registers. */
    static Person of(String name) {
      return new Person(name + "@example.org", "correct horse " + name);
    }
  }

  private final Supplier<URI> address;
  private final Person organiser;
  private final Person second = Person.of("otto");
  private final Person verifier = Person.of("vera");
  private final Map<Person, Browser> sessions = new ConcurrentHashMap<>();
  private final Map<String, String> tokens = new ConcurrentHashMap<>();
  private final AtomicInteger uploads = new AtomicInteger();

  /** What the server said that it has, by submission. */
  final Map<String, Competitor.Handin> committed = new ConcurrentHashMap<>();

  /** The public seeds of the samples that the server said it would make again, by team. */
  final Map<String, Queue<String>> seeds = new ConcurrentHashMap<>();

  /** The verdicts that were recorded by hand. */
  final AtomicInteger verdicts = new AtomicInteger();

  /** The disqualifications that were proposed and taken back. */
  final AtomicInteger withdrawn = new AtomicInteger();

  /**
   * A part of the competition.
   *
   * @param begin when it is
   * @param people what they do, the optional of it for as long as there is to be more
   */
  record Stage(Instant begin, List<Consumer<BooleanSupplier>> people) {}

  /**
   * People who have done nothing yet.
   *
   * @param address where the server is, or will be as soon as it is started again
   * @param organiserPassword of the first organiser
   */
  Contest(Supplier<URI> address, String organiserPassword) {
    this.address = address;
    this.organiser = new Person("organiser@localhost", organiserPassword);
  }

  /** The stages: datasets, results, and verification when files can come no more. */
  List<Stage> stages(List<Competitor> competitors) {
    List<Consumer<BooleanSupplier>> first = new ArrayList<>();
    first.add(more -> appointOfficials());
    competitors.forEach(each -> first.add(more -> handInDatasets(each, more)));
    List<Consumer<BooleanSupplier>> second = new ArrayList<>();
    competitors.forEach(each -> second.add(more -> handInResults(each, more)));
    List<Consumer<BooleanSupplier>> third =
        List.of(more -> verify(competitors, more), more -> disqualify("Cheat", "Liar", more));
    return List.of(
        new Stage(TestServer.DEADLINE.minus(Duration.ofHours(1)), first),
        new Stage(TestServer.DEADLINE.plus(Duration.ofHours(1)), second),
        new Stage(TestServer.TEST_DEADLINE.plus(Duration.ofHours(13)), third));
  }

  /** How many files are coming right now. */
  int uploads() {
    return uploads.get();
  }

  /** A team is founded and hands in datasets, some more of them while that is wanted. */
  private void handInDatasets(Competitor competitor, BooleanSupplier more) {
    Person person = Person.of(competitor.team());
    register(person);
    String token = as(person, browser -> foundTeam(browser, competitor.team()));
    tokens.put(competitor.team(), token);
    abandon(token, competitor.abandoned());
    handIn(token, competitor.datasets(), more);
  }

  /** Makes a team, where it is not there yet, and a token for its program. */
  private static String foundTeam(Browser browser, String team) {
    if (browser.page("/team").contains("You are in no team yet")) {
      browser.submit("/team", Map.of("name", team));
    }
    String page = browser.post("/account/tokens", Map.of("name", "x")).body();
    return Browser.found(page, ">(syntagen_[0-9a-f]+)<");
  }

  /** A team hands in results, some more of them while that is wanted. */
  private void handInResults(Competitor competitor, BooleanSupplier more) {
    handIn(tokens.get(competitor.team()), competitor.results(), more);
  }

  private void handIn(String token, List<Competitor.Handin> handins, BooleanSupplier more) {
    for (int i = 0; more.getAsBoolean(); i++) {
      handIn(token, handins.get(i % handins.size()));
    }
    handIn(token, handins.get(handins.size() - 1));
  }

  private void handIn(String token, Competitor.Handin handin) {
    String id = commit(token, handin);
    assertThat(committed.put(id, handin)).as("a submission of its own").isNull();
    upload(token, id, handin.file(), handin.file().length);
    untilItIsThrough(address -> decided(Browser.withToken(address, token), id));
  }

  /** Waits until a submission is decided, or the server gave up over it. */
  private static Void decided(Browser program, String id) {
    List<String> open = List.of("QUEUED", "RUNNING");
    while (open.contains(
        JsonMapper.shared()
            .readTree(program.page("/api/submissions/" + id))
            .get("state")
            .asString())) {
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
    }
    return null;
  }

  private void abandon(String token, Competitor.Handin handin) {
    String id = commit(token, handin);
    committed.put(id, handin);
    upload(token, id, handin.file(), handin.file().length / 2);
    assertThat(commit(token, handin)).as("its file is still to come").isEqualTo(id);
  }

  private String commit(String token, Competitor.Handin handin) {
    return untilItIsThrough(
        address -> {
          var answer = Browser.withToken(address, token).json(handin.path(), handin.document());
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
          return JsonMapper.shared().readTree(answer.body()).get("id").asString();
        });
  }

  /** Sends the first bytes of a file in parts. */
  private void upload(String token, String id, byte[] file, int end) {
    int size = file.length / PARTS + 1;
    int[] acknowledged = {0};
    uploads.incrementAndGet();
    untilItIsThrough(
        address -> {
          Tus tus = new Tus(Browser.withToken(address, token));
          var begun = tus.begin(id, file.length);
          assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
          String upload = begun.headers().firstValue("Location").orElseThrow();
          String here = tus.head(upload).headers().firstValue("Upload-Offset").orElseThrow();
          assertThat(Integer.parseInt(here)).isGreaterThanOrEqualTo(acknowledged[0]);
          acknowledged[0] = Integer.parseInt(here);
          while (acknowledged[0] < end) {
            int next = Math.min(end, acknowledged[0] + size);
            byte[] part = Arrays.copyOfRange(file, acknowledged[0], next);
            var answer = tus.patch(upload, acknowledged[0], part, Tus.sha256(part));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
            acknowledged[0] = next;
          }
          return null;
        });
    uploads.decrementAndGet();
  }

  /** The other officials get their roles. */
  private void appointOfficials() {
    appoint(second, "ORGANISER");
    appoint(verifier, "VERIFIER");
  }

  private void appoint(Person person, String role) {
    register(person);
    as(
        organiser,
        browser -> {
          String id =
              Browser.found(
                  browser.page("/organiser/accounts"),
                  "(?s)" + person.email() + ".*?/organiser/accounts/([0-9a-f-]+)/role");
          browser.submit("/organiser/accounts/" + id + "/role", Map.of("role", role));
          return null;
        });
  }

  /** Organisers begin again what failed because the server was killed too often over it. */
  void emptyTheQueue() {
    Pattern retry = Pattern.compile("\"(/organiser/submissions/[0-9a-f-]+/retry)\"");
    as(
        organiser,
        browser -> {
          String page = browser.page("/organiser");
          while (!page.contains(">0 of ")) {
            Matcher failed = retry.matcher(page);
            if (failed.find()) {
              browser.submit(failed.group(1), Map.of());
            }
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
            page = browser.page("/organiser");
          }
          return null;
        });
  }

  /**
   * Every entry is made again, by turns for as long as that is wanted; the entry that cannot be is
   * then found to be within tolerance by hand.
   */
  private void verify(List<Competitor> competitors, BooleanSupplier more) {
    for (int i = 0; more.getAsBoolean(); i++) {
      makeAgain(competitors.get(i % competitors.size()));
      recordVerdict(competitors);
    }
    competitors.forEach(this::makeAgain);
    recordVerdict(competitors);
  }

  private void makeAgain(Competitor competitor) {
    Queue<String> ofTeam =
        seeds.computeIfAbsent(competitor.team(), team -> new ConcurrentLinkedQueue<>());
    boolean done = false;
    while (!done) {
      String seed = "seed " + (ofTeam.size() + 1);
      done = as(verifier, browser -> isMadeAgain(browser, competitor, seed));
      ofTeam.add(seed);
    }
  }

  /** Has samples made again and waits for what comes out: false if the server failed over it. */
  private static boolean isMadeAgain(Browser browser, Competitor competitor, String seed) {
    Pattern state = Pattern.compile("<td>" + seed + "</td>\\s*<td>([^<]+)</td>");
    String path = entry(browser, competitor.team());
    if (!state.matcher(browser.page(path)).find()) {
      browser.submit(
          path + "/replications",
          Map.of("publicSeed", seed, "retrain", competitor.handsInItsNetwork()));
    }
    while (true) {
      String now = Browser.found(browser.page(path), state.pattern());
      if (now.equals("done")) {
        return true;
      }
      if (now.startsWith("failed")) {
        return false;
      }
      LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
    }
  }

  private void recordVerdict(List<Competitor> competitors) {
    String team =
        competitors.stream()
            .filter(each -> each.verdict() == Verdict.NOT_RUNNABLE)
            .map(Competitor::team)
            .findFirst()
            .orElseThrow();
    String reason = "made again elsewhere, " + verdicts.incrementAndGet();
    as(
        verifier,
        browser -> {
          String path = entry(browser, team);
          if (!browser.page(path).contains(reason + "<")) {
            browser.submit(
                path,
                Map.of(
                    "dataset",
                    Browser.found(browser.page(path), "name=\"dataset\" value=\"([^\"]+)"),
                    "verdict",
                    "WITHIN_TOLERANCE",
                    "reason",
                    reason,
                    "evidence",
                    "here"));
          }
          return null;
        });
  }

  /**
   * A team is disqualified by two organisers; others are suspected for as long as that is wanted.
   */
  private void disqualify(String team, String suspect, BooleanSupplier more) {
    while (more.getAsBoolean()) {
      String reason = "suspicion " + withdrawn.incrementAndGet();
      propose(suspect, reason);
      as(organiser, browser -> withdraw(browser, suspect, reason));
    }
    propose(team, "trained on test images");
    as(
        second,
        browser -> {
          if (!browser.page("/organiser").contains("signed off by")) {
            decide(browser, team, "sign-off");
          }
          return null;
        });
  }

  private void propose(String team, String reason) {
    as(
        organiser,
        browser -> {
          if (!browser.page("/organiser").contains(reason + "<")) {
            browser.submit(
                "/organiser/disqualifications",
                Map.of("team", id(browser, team), "reason", reason, "evidence", "report.md"));
          }
          return null;
        });
  }

  private static Void withdraw(Browser browser, String team, String reason) {
    if (browser.page("/organiser").contains(reason + "<")) {
      decide(browser, team, "withdraw");
    }
    return null;
  }

  /** Presses a button of the proposal. */
  private static void decide(Browser browser, String team, String what) {
    String path = "/organiser/disqualifications/" + id(browser, team) + "/" + what;
    String proposed =
        Browser.found(
            browser.page("/organiser"), path + "[^>]*>.*?name=\"proposed\" value=\"([^\"]+)");
    browser.submit(path, Map.of("proposed", proposed));
  }

  private static String id(Browser official, String team) {
    return entry(official, team).substring("/verification/".length());
  }

  private static String entry(Browser official, String team) {
    return Browser.found(
        official.page("/verification"), "\"(/verification/[0-9a-f-]+)\">" + team + "<");
  }

  private void register(Person person) {
    untilItIsThrough(
        address -> {
          String name = person.email().substring(0, person.email().indexOf('@'));
          var answer =
              Browser.at(address)
                  .post(
                      "/register",
                      Map.of("email", person.email(), "name", name, "password", person.password()));
          assertThat(answer.statusCode()).as("new, or there already").isIn(302, 409);
          return null;
        });
  }

  /** What somebody who is signed in does, and may have to sign in and do again. */
  private <T> T as(Person person, Function<Browser, T> action) {
    return untilItIsThrough(
        address -> {
          try {
            return action.apply(
                sessions.computeIfAbsent(
                    person, any -> Browser.at(address).signIn(person.email(), person.password())));
          } catch (UncheckedIOException killed) {
            sessions.remove(person);
            throw killed;
          }
        });
  }

  private <T> T untilItIsThrough(Function<URI, T> action) {
    while (true) {
      try {
        return action.apply(address.get());
      } catch (UncheckedIOException killed) {
        LockSupport.parkNanos(20_000_000);
      }
    }
  }
}
