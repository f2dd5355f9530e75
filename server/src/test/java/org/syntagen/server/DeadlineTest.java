package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.challenge.Competition;
import org.syntagen.challenge.Phase;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.dataset.Fingerprint;
import tools.jackson.databind.json.JsonMapper;

/**
 * A second decides at every instant of a competition, on days whose clocks change and where on
 * earth it is latest, too. Files may come for 12 hours after the end of a phase.
 */
class DeadlineTest {
  private static final int A_DAY = 20; // submissions that are allowed
  private static final Pattern OPEN =
      Pattern.compile("<span>([^<]+)</span>\\s*<span class=\"state\"[^>]*>open now");

  @TempDir static Path folder;
  private static final Map<Calendar, Course> COURSES = new EnumMap<>(Calendar.class);

  /** When the phases of a competition start, and the last one ends, as its file says it. */
  private enum Calendar {
    /** At 2:00 on 3 November clocks went back to 1:00: 1:15 came twice. */
    CLOCKS_GO_BACK(
        "America/Los_Angeles",
        "2024-11-02T18:00",
        "2024-11-03T00:30",
        "2024-11-03T01:15-08:00",
        "2024-11-04T00:30",
        "2024-11-05T00:00",
        "2024-11-06T00:00"),
    /** At 2:00 on 10 March clocks went forward to 3:00. */
    CLOCKS_GO_FORWARD(
        "America/Los_Angeles",
        "2024-03-09T18:00",
        "2024-03-10T00:30",
        "2024-03-10T03:15",
        "2024-03-11T00:30",
        "2024-03-12T00:00",
        "2024-03-13T00:00"),
    /** At 0:00 on 26 April clocks went forward to 1:00: the day had no midnight. */
    NO_MIDNIGHT(
        "Africa/Cairo",
        "2024-04-25T18:00",
        "2024-04-26T01:30",
        "2024-04-26T02:00",
        "2024-04-27T00:30",
        "2024-04-28T00:00",
        "2024-04-29T00:00"),
    /** Where a day ends last. */
    LAST_ON_EARTH(
        "Etc/GMT+12",
        "2024-11-02T18:00",
        "2024-11-03T23:59",
        "2024-11-04T00:15",
        "2024-11-05T00:30",
        "2024-11-06T00:00",
        "2024-11-07T00:00");

    private final String rules;

    Calendar(
        String zone,
        String datasets,
        String datasetsEnd,
        String test,
        String verification,
        String report,
        String end) {
      this.rules =
          TestServer.RULES
              .replace("America/Los_Angeles", zone)
              .replace("start: 2024-03-01T00:00 ", "start: " + datasets + " ")
              .replace("end: 2024-05-24T23:59", "end: " + datasetsEnd)
              .replace("start: 2024-05-24T23:59", "start: " + test)
              .replace("2024-05-27T23:59", verification)
              .replace("2024-06-07T00:00", report)
              .replace("2024-06-14T23:59", end)
              .replace("max_submissions_per_day: 5", "max_submissions_per_day: " + A_DAY);
    }
  }

  /** What somebody does or looks at; the answer is an HTTP status, or in words. */
  private enum Act {
    PHASE,
    COMMIT_DATASET,
    SEND_REST_OF_DATASET,
    GET_KEY,
    COMMIT_PREDICTIONS,
    SEND_REST_OF_PREDICTIONS,
    /** The first one of a day whose predecessor's are used up. */
    COMMIT_DATASET_OF_NEXT_DAY,
    COMMIT_PREDICTIONS_OF_NEXT_DAY
  }

  @AfterAll
  static void stop() {
    COURSES.values().forEach(course -> course.server.close());
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # on the day of,  act,                            before,             from then on,       instant
          CLOCKS_GO_BACK,    PHASE,                          none,               Synthetic datasets, 2024-11-03T01:00:00Z
          CLOCKS_GO_BACK,    PHASE,                          Synthetic datasets, none,               2024-11-03T07:30:00Z
          CLOCKS_GO_BACK,    PHASE,                          none,               Private test set,   2024-11-03T09:15:00Z
          CLOCKS_GO_BACK,    PHASE,                          Private test set,   Verification,       2024-11-04T08:30:00Z
          CLOCKS_GO_BACK,    PHASE,                          Verification,       Reports and code,   2024-11-05T08:00:00Z
          CLOCKS_GO_BACK,    PHASE,                          Reports and code,   none,               2024-11-06T08:00:00Z
          CLOCKS_GO_BACK,    COMMIT_DATASET,                 409,                201,                2024-11-03T01:00:00Z
          CLOCKS_GO_BACK,    COMMIT_DATASET,                 201,                409,                2024-11-03T07:30:00Z
          CLOCKS_GO_BACK,    SEND_REST_OF_DATASET,           ACCEPTED,           409,                2024-11-03T19:30:00Z
          CLOCKS_GO_BACK,    GET_KEY,                        404,                200,                2024-11-03T09:15:00Z
          CLOCKS_GO_BACK,    COMMIT_PREDICTIONS,             409,                201,                2024-11-03T09:15:00Z
          CLOCKS_GO_BACK,    COMMIT_PREDICTIONS,             201,                409,                2024-11-04T08:30:00Z
          CLOCKS_GO_BACK,    SEND_REST_OF_PREDICTIONS,       ACCEPTED,           409,                2024-11-04T20:30:00Z
          CLOCKS_GO_BACK,    COMMIT_DATASET_OF_NEXT_DAY,     409,                201,                2024-11-03T07:00:00Z
          CLOCKS_GO_BACK,    COMMIT_PREDICTIONS_OF_NEXT_DAY, 409,                201,                2024-11-04T08:00:00Z
          CLOCKS_GO_FORWARD, PHASE,                          Private test set,   Verification,       2024-03-11T07:30:00Z
          CLOCKS_GO_FORWARD, COMMIT_DATASET,                 409,                201,                2024-03-10T02:00:00Z
          CLOCKS_GO_FORWARD, COMMIT_DATASET,                 201,                409,                2024-03-10T08:30:00Z
          CLOCKS_GO_FORWARD, SEND_REST_OF_DATASET,           ACCEPTED,           409,                2024-03-10T20:30:00Z
          CLOCKS_GO_FORWARD, GET_KEY,                        404,                200,                2024-03-10T10:15:00Z
          CLOCKS_GO_FORWARD, COMMIT_PREDICTIONS,             409,                201,                2024-03-10T10:15:00Z
          CLOCKS_GO_FORWARD, COMMIT_PREDICTIONS,             201,                409,                2024-03-11T07:30:00Z
          CLOCKS_GO_FORWARD, SEND_REST_OF_PREDICTIONS,       ACCEPTED,           409,                2024-03-11T19:30:00Z
          CLOCKS_GO_FORWARD, COMMIT_DATASET_OF_NEXT_DAY,     409,                201,                2024-03-10T08:00:00Z
          CLOCKS_GO_FORWARD, COMMIT_PREDICTIONS_OF_NEXT_DAY, 409,                201,                2024-03-11T07:00:00Z
          NO_MIDNIGHT,       COMMIT_DATASET,                 201,                409,                2024-04-25T22:30:00Z
          NO_MIDNIGHT,       SEND_REST_OF_DATASET,           ACCEPTED,           409,                2024-04-26T10:30:00Z
          NO_MIDNIGHT,       GET_KEY,                        404,                200,                2024-04-25T23:00:00Z
          NO_MIDNIGHT,       COMMIT_PREDICTIONS,             201,                409,                2024-04-26T21:30:00Z
          NO_MIDNIGHT,       COMMIT_DATASET_OF_NEXT_DAY,     409,                201,                2024-04-25T22:00:00Z
          NO_MIDNIGHT,       COMMIT_PREDICTIONS_OF_NEXT_DAY, 409,                201,                2024-04-26T21:00:00Z
          LAST_ON_EARTH,     COMMIT_DATASET,                 201,                409,                2024-11-04T11:59:00Z
          LAST_ON_EARTH,     GET_KEY,                        404,                200,                2024-11-04T12:15:00Z
          LAST_ON_EARTH,     COMMIT_PREDICTIONS,             201,                409,                2024-11-05T12:30:00Z
          LAST_ON_EARTH,     COMMIT_PREDICTIONS_OF_NEXT_DAY, 409,                201,                2024-11-05T12:00:00Z
          """)
  void aSecondDecides(Calendar calendar, Act act, String before, String after, Instant instant) {
    Course course = course(calendar);
    assertThat(course.answer(act, instant, -1)).isEqualTo(before);
    assertThat(course.answer(act, instant, 0)).isEqualTo(after);
    assertThat(course.answer(act, instant, 1)).isEqualTo(after);
  }

  @Test
  void whatWasCommittedInTimeCountsOnlyIfItsLastByteIsInTimeToo() throws IOException {
    Course course = course(Calendar.LAST_ON_EARTH);
    Instant end = Instant.parse("2024-11-05T12:30:00Z");
    Instant last = end.plus(Duration.ofHours(12));
    course.server.clock.set(end.minusSeconds(1));
    String submission = id(course.commitPredictions());
    Tus tus = new Tus(course.program);
    String upload = location(tus.begin(submission, course.predictions.length));

    course.server.clock.set(last.minusSeconds(1));
    String late =
        course.sendSlowly(
            upload,
            () -> {
              Path coming = folder.resolve("LAST_ON_EARTH/data/uploads/" + submission);
              while (!Files.exists(coming)) {
                LockSupport.parkNanos(1_000_000);
              }
              course.server.clock.set(last);
            });
    assertThat(late)
        .as("a part that began in time")
        .startsWith("HTTP/1.1 409 ")
        .contains("files could come until " + last);
    assertThat(course.program.page("/leaderboard.csv")).hasLineCount(1);

    course.server.clock.set(last.minusSeconds(1));
    assertThat(tus.patch(upload, 0, course.predictions, null).statusCode()).isEqualTo(204);
    assertThat(JourneyTest.decided(course.program, submission)).isEqualTo("ACCEPTED");
    assertThat(course.program.page("/leaderboard.csv")).contains("1,Team,100.0,");
  }

  private static Course course(Calendar calendar) {
    return COURSES.computeIfAbsent(calendar, Course::new);
  }

  private static String id(HttpResponse<String> committed) {
    assertThat(committed.statusCode()).as(committed.body()).isEqualTo(201);
    return JsonMapper.shared().readTree(committed.body()).get("id").asString();
  }

  private static String location(HttpResponse<String> begun) {
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
    return begun.headers().firstValue("Location").orElseThrow();
  }

  /** A competition with a team that takes part. */
  private static final class Course {
    private final TestServer server;
    private final Browser program;
    private final String manifest;
    private final byte[] dataset;
    private final byte[] predictions;
    private int commits;

    Course(Calendar calendar) {
      try {
        Path place = Files.createDirectories(folder.resolve(calendar.name()));
        server = TestServer.start(place, calendar.rules, Optional.empty());
        Browser anna = server.competitor("anna", "Team");
        program = anna.program();
        dataset = Files.readAllBytes(Pairs.pack(place, "Team", 1));
        manifest = Pairs.manifestOf(place, "Team", 1).toCanonicalJson();
        predictions =
            Files.readAllBytes(
                Pairs.predictions(
                    place.resolve("predictions.zip"),
                    Map.of("t0", Pairs.mask(1), "t1", Pairs.mask(2), "t2", Pairs.mask(3))));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      server.clock.set(end(Phase.Kind.DATASET).minusSeconds(3600));
      String taking = id(commitDataset());
      assertThat(rest(taking, dataset, begun(taking, dataset))).isEqualTo("ACCEPTED");
    }

    /** What comes of an act so many seconds after an instant. */
    String answer(Act act, Instant instant, int seconds) {
      Instant now = instant.plusSeconds(seconds);
      return switch (act) {
        case PHASE -> {
          server.clock.set(now);
          Matcher open = OPEN.matcher(program.page("/"));
          yield open.find() ? open.group(1) : "none";
        }
        case GET_KEY -> {
          server.clock.set(now);
          yield status(program.get("/release/key"));
        }
        case COMMIT_DATASET -> committed(this::commitAnotherDataset, now);
        case COMMIT_PREDICTIONS -> committed(this::commitPredictions, now);
        case COMMIT_DATASET_OF_NEXT_DAY ->
            committedNextDay(this::commitAnotherDataset, instant, now);
        case COMMIT_PREDICTIONS_OF_NEXT_DAY ->
            committedNextDay(this::commitPredictions, instant, now);
        case SEND_REST_OF_DATASET -> {
          server.clock.set(end(Phase.Kind.DATASET).minusSeconds(1));
          yield straddling(id(commitDataset()), dataset, now);
        }
        case SEND_REST_OF_PREDICTIONS -> {
          server.clock.set(end(Phase.Kind.TEST).minusSeconds(1));
          yield straddling(id(commitPredictions()), predictions, now);
        }
      };
    }

    private Instant end(Phase.Kind kind) {
      return server.part(Competition.class).phase(kind).orElseThrow().end();
    }

    private HttpResponse<String> commitDataset() {
      return program.json("/api/submissions/dataset", manifest);
    }

    /** One that was never committed to, so that it is a submission of its own. */
    private HttpResponse<String> commitAnotherDataset() {
      String another = manifest.replace("\"seed\":7", "\"seed\":" + (1000 + ++commits));
      return program.json("/api/submissions/dataset", another);
    }

    /** Of another claim each time. */
    private HttpResponse<String> commitPredictions() {
      Claim claim =
          new Claim(
              50,
              "https://example.org/code/" + ++commits,
              Claim.Kind.PREDICTIONS,
              HexFormat.of().formatHex(Fingerprint.sha256().digest(predictions)));
      return program.json("/api/submissions/test", claim.toCanonicalJson());
    }

    private String committed(Supplier<HttpResponse<String>> commit, Instant now) {
      server.clock.set(now);
      return status(commit.get());
    }

    private String committedNextDay(
        Supplier<HttpResponse<String>> commit, Instant next, Instant now) {
      server.clock.set(next.minusSeconds(1800));
      HttpResponse<String> last = commit.get();
      for (int i = 0; i < A_DAY && last.statusCode() == 201; i++) {
        last = commit.get();
      }
      assertThat(last.body())
          .contains("all %d submissions of ".formatted(A_DAY), "next day starts at " + next);
      return committed(commit, now);
    }

    /** Sends a first part at once and the rest later. */
    private String straddling(String submission, byte[] file, Instant later) {
      String upload = begun(submission, file);
      server.clock.set(later);
      return rest(submission, file, upload);
    }

    /** Sends predictions in one part, in whose middle something happens. */
    String sendSlowly(String upload, Runnable between) throws IOException {
      HttpHeaders token = program.request(upload).build().headers();
      try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
        OutputStream out = socket.getOutputStream();
        String head =
            String.join(
                "\r\n",
                "PATCH " + upload + " HTTP/1.1",
                "Host: localhost",
                "Connection: close",
                "Authorization: " + token.firstValue("Authorization").orElseThrow(),
                "Tus-Resumable: 1.0.0",
                "Upload-Offset: 0",
                "Content-Type: application/offset+octet-stream",
                "Content-Length: " + predictions.length,
                "",
                "");
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(predictions, 0, predictions.length / 2);
        out.flush();
        between.run();
        out.write(predictions, predictions.length / 2, predictions.length - predictions.length / 2);
        out.flush();
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      }
    }

    private String begun(String submission, byte[] file) {
      Tus tus = new Tus(program);
      String upload = location(tus.begin(submission, file.length));
      if (tus.head(upload).headers().firstValue("Upload-Offset").orElseThrow().equals("0")) {
        byte[] first = Arrays.copyOf(file, 100);
        assertThat(tus.patch(upload, 0, first, null).statusCode()).isEqualTo(204);
      }
      return upload;
    }

    private String rest(String submission, byte[] file, String upload) {
      byte[] rest = Arrays.copyOfRange(file, 100, file.length);
      HttpResponse<String> sent = new Tus(program).patch(upload, 100, rest, Tus.sha256(rest));
      return sent.statusCode() == 204 ? JourneyTest.decided(program, submission) : status(sent);
    }

    private static String status(HttpResponse<String> answer) {
      return Integer.toString(answer.statusCode());
    }
  }
}
