package org.syntagen.bench.competition;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.dataset.Fingerprint;

/**
 * Has {@value #VISITORS} people look at the leaderboard of {@link BenchHost}, each once a second,
 * at first alone, then while two teams upload a gigabyte each and others have predictions scored.
 * Prints how long they waited. Host and visitors are processes of one machine. Argument: a folder
 * for the data.
 */
public final class LoadBench {
  private static final int VISITORS = 200;
  private static final int PACE_MILLIS = 1000;
  private static final int ALONE_SECONDS = 20;
  private static final int GIGABYTE_TEAMS = 2;
  private static final int PART_BYTES = 8 << 20;
  private static final int PARTS = 128; // a gigabyte
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]+)\"");
  private static final Pattern STATE = Pattern.compile("\"state\":\"([A-Z_]+)\"");

  private final URI address;
  private final HttpClient client = HttpClient.newHttpClient();

  private LoadBench(URI address) {
    this.address = address;
  }

  public static void main(String[] args) throws IOException, SQLException, InterruptedException {
    Path folder = Files.createDirectories(Path.of(args[0]).toAbsolutePath());
    BenchHost.prepare(folder);
    Path predictions =
        ScoringBench.PAIRS.writePredictions(folder.resolve("predictions.zip"), ScoringBench.IMAGES);
    Process host = BenchHost.start(folder);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(host.getInputStream(), StandardCharsets.UTF_8))) {
      LoadBench bench = new LoadBench(URI.create("http://127.0.0.1:" + lines.readLine()));
      bench.visits("the first seconds", pause(ALONE_SECONDS));
      bench.visits("alone", pause(ALONE_SECONDS));
      List<CompletableFuture<?>> work = new ArrayList<>();
      for (int team = 0; team < BenchHost.COMPETITORS; team++) {
        int number = team;
        work.add(
            CompletableFuture.runAsync(
                () -> bench.handIn(number, number < GIGABYTE_TEAMS ? null : predictions),
                task -> new Thread(task).start()));
      }
      bench.visits(
          "beside uploads and scoring",
          CompletableFuture.allOf(work.toArray(CompletableFuture[]::new)));
      System.out.println("host's memory: " + mostMemory(host));
    } finally {
      host.destroy();
      host.waitFor();
    }
  }

  private static CompletableFuture<Void> pause(int seconds) {
    Executor later = CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS);
    return CompletableFuture.runAsync(() -> {}, later);
  }

  /** Has the visitors look until something is over, and tells how long they waited. */
  private void visits(String when, CompletableFuture<?> until) {
    ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
    List<CompletableFuture<Void>> visitors =
        IntStream.range(0, VISITORS)
            .mapToObj(visitor -> visit(visitor * PACE_MILLIS / VISITORS, millis, until))
            .toList();
    visitors.forEach(CompletableFuture::join);
    until.join();
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(
        "%s: %d visits; milliseconds: median %.0f, 95 %% %.0f, 99 %% %.0f, most %.0f%n",
        when,
        sorted.length,
        sorted[sorted.length / 2],
        sorted[sorted.length * 95 / 100],
        sorted[sorted.length * 99 / 100],
        sorted[sorted.length - 1]);
  }

  /** Looks after a while, and again a pace after each look began. */
  private CompletableFuture<Void> visit(
      long delayMillis, ConcurrentLinkedQueue<Double> millis, CompletableFuture<?> until) {
    Executor later = CompletableFuture.delayedExecutor(delayMillis, TimeUnit.MILLISECONDS);
    return CompletableFuture.supplyAsync(System::nanoTime, later)
        .thenCompose(
            start ->
                client
                    .sendAsync(
                        HttpRequest.newBuilder(address.resolve("/leaderboard"))
                            .header("Accept-Encoding", "gzip") // as browsers do
                            .build(),
                        BodyHandlers.ofByteArray())
                    .thenCompose(
                        page -> {
                          require(page, 200);
                          double waited = (System.nanoTime() - start) / 1e6;
                          millis.add(waited);
                          return until.isDone()
                              ? CompletableFuture.completedFuture(null)
                              : visit(Math.max(0, PACE_MILLIS - (long) waited), millis, until);
                        }));
  }

  /** Commits to a result and uploads it. */
  private void handIn(int team, Path predictions) {
    try {
      String hash = predictions == null ? "0".repeat(64) : Fingerprint.ofFile(predictions);
      Claim claim = new Claim(50, "https://example.org/code", Claim.Kind.PREDICTIONS, hash);
      HttpResponse<String> committed =
          send(
              team,
              request("/api/submissions/test")
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(claim.toCanonicalJson())),
              201);
      String id = found(ID, committed);
      long start = System.nanoTime();
      byte[] file = predictions == null ? null : Files.readAllBytes(predictions);
      upload(team, id, file);
      double uploaded = (System.nanoTime() - start) / 1e9;
      String state = "QUEUED";
      while (predictions != null && (state.equals("QUEUED") || state.equals("RUNNING"))) {
        TimeUnit.MILLISECONDS.sleep(200);
        state = found(STATE, send(team, request("/api/submissions/" + id).GET(), 200));
      }
      System.out.printf(
          "team %d: uploaded in %.1f s, then %s after %.1f s%n",
          team, uploaded, state, (System.nanoTime() - start) / 1e9 - uploaded);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @param file the bytes; null for a gigabyte of zeros
   */
  private void upload(int team, String submission, byte[] file)
      throws IOException, InterruptedException {
    long length = file == null ? (long) PARTS * PART_BYTES : file.length;
    String metadata =
        Base64.getEncoder().encodeToString(submission.getBytes(StandardCharsets.UTF_8));
    String upload =
        send(
                team,
                request("/uploads")
                    .header("Tus-Resumable", "1.0.0")
                    .header("Upload-Length", Long.toString(length))
                    .header("Upload-Metadata", "submission " + metadata)
                    .POST(BodyPublishers.noBody()),
                201)
            .headers()
            .firstValue("Location")
            .orElseThrow();
    byte[] zeros = new byte[PART_BYTES];
    for (long offset = 0; offset < length; offset += PART_BYTES) {
      int size = (int) Math.min(PART_BYTES, length - offset);
      byte[] from = file == null ? zeros : file;
      int at = file == null ? 0 : (int) offset;
      var digest = Fingerprint.sha256();
      digest.update(from, at, size);
      send(
          team,
          request(upload)
              .header("Tus-Resumable", "1.0.0")
              .header("Upload-Offset", Long.toString(offset))
              .header(
                  "Upload-Checksum",
                  "sha256 " + Base64.getEncoder().encodeToString(digest.digest()))
              .header("Content-Type", "application/offset+octet-stream")
              .method("PATCH", BodyPublishers.ofByteArray(from, at, size)),
          204);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path));
  }

  private HttpResponse<String> send(int team, HttpRequest.Builder request, int expected)
      throws IOException, InterruptedException {
    return require(
        client.send(
            request.header("Authorization", "Bearer " + BenchHost.token(team)).build(),
            BodyHandlers.ofString()),
        expected);
  }

  private static <T> HttpResponse<T> require(HttpResponse<T> response, int expected) {
    if (response.statusCode() != expected) {
      throw new IllegalStateException(response + ": " + response.body());
    }
    return response;
  }

  private static String found(Pattern pattern, HttpResponse<String> in) {
    Matcher matcher = pattern.matcher(in.body());
    if (!matcher.find()) {
      throw new IllegalStateException(in.body());
    }
    return matcher.group(1);
  }

  private static String mostMemory(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc/%d/status".formatted(process.pid()))).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .findFirst()
        .orElse("unknown");
  }
}
