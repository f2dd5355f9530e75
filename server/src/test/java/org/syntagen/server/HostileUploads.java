package org.syntagen.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.syntagen.challenge.Rules;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.server.submission.Reason;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Commits to sound files and uploads hostile ones, over HTTP, to a server of its own, in rounds of
 * one upload a fault with sound ones in between. Each must be rejected with the one reason that its
 * fault has, leave nothing anywhere and give its disk back; the sound ones must be accepted.
 */
final class HostileUploads {
  private static final int SEED = 6;
  private static final int PATIENCE_SECONDS = 120;
  private static final int MOST_MEBIBYTES = 512;

  /** What only a programmer could make something of. */
  private static final Pattern INTERNALS =
      Pattern.compile(
          "\\w(Exception|Error)\\b|`|\\bjavax?\\.|\\btools\\.|org\\.syntagen|\\bat [a-z]+\\.[a-z]|null\\b"
              + "|out of bounds|\\p{Cc}|\\p{Cf}");

  private static final String RULES =
      TestServer.RULES
          .replace("max_submissions: 100", "max_submissions: 1000000")
          .replace("max_submissions_per_day: 5", "max_submissions_per_day: 1000000")
          .replace("max_upload_mebibytes: 1", "max_upload_mebibytes: 8");

  private final Path folder; // within one that nothing else may write to
  private final TestServer server;
  private final Browser program;
  private final List<String> complaints = new ArrayList<>();
  private final Map<String, Integer> rejected = new TreeMap<>();
  private final Set<String> accepted = new HashSet<>();
  private final Set<Path> outside;

  private HostileUploads(Path folder, TestServer server) {
    this.folder = folder;
    this.server = server;
    Browser anna = server.competitor("anna", "Team");
    String page = anna.post("/account/tokens", Map.of("name", "x")).body();
    this.program =
        Browser.withToken(server.address(), Browser.found(page, ">(syntagen_[0-9a-f]+)<"));
    this.outside = outside();
  }

  /**
   * @param arguments an empty folder, and how many rounds
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]).resolve("a/b/c"));
    int rounds = Integer.parseInt(arguments[1]);
    Instant start = Instant.now();
    try (TestServer server =
        TestServer.start(folder, RULES, Optional.empty(), Optional.empty(), new Readers())) {
      HostileUploads uploads = new HostileUploads(folder, server);
      uploads.run(rounds);
      uploads.rejected.forEach((kind, count) -> System.out.printf("%6d  %s%n", count, kind));
      System.out.printf(
          "%d hostile uploads of %d kinds rejected, %d sound ones accepted in %d s%n",
          uploads.rejected.values().stream().mapToInt(Integer::intValue).sum(),
          uploads.rejected.size(),
          uploads.accepted.size(),
          Duration.between(start, Instant.now()).toSeconds());
      assertThat(uploads.complaints).isEmpty();
      checkMemory();
    }
  }

  /** The most memory that this process had at a time, as Linux tells it. */
  private static void checkMemory() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      System.out.println("peak of memory not checked: there is no /proc");
      return;
    }
    String kibibytes = Browser.found(Files.readString(status), "VmHWM:\\s+(\\d+) kB");
    int peak = Integer.parseInt(kibibytes) >> 10;
    System.out.printf("peak of resident memory: %d MiB%n", peak);
    assertThat(peak).isLessThanOrEqualTo(MOST_MEBIBYTES);
  }

  /** Reads checkpoints in earnest; their networks see class 1 in everything. */
  private static final class Readers implements Models {
    private final Models fake = new FakeModels();

    @Override
    public String fingerprint(Path checkpoint) {
      try {
        return WeightFile.fingerprint(checkpoint);
      } catch (WeightsException e) {
        throw new InputException(e.getMessage(), e);
      }
    }

    @Override
    public void predict(
        Path checkpoint, String model, Dataset images, BiConsumer<String, LabelMap> each) {
      fake.predict(checkpoint, model, images, each);
    }

    @Override
    public void train(Dataset pairs, Rules.Training rules, Path checkpoint, IntConsumer each) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Generation generation(Manifest manifest, Rules rules) {
      throw new UnsupportedOperationException();
    }
  }

  /** What was handed in, and what must come of it: rejection for a fault, or acceptance. */
  private record Upload(String id, Optional<Fault<?>> fault) {}

  private void run(int rounds) throws IOException {
    Path pairs = Pairs.write(folder.resolve("pairs"), 1, "0000", "0001");
    Path checkpoint = Files.write(folder.resolve("sound"), CheckpointFaults.sound());
    Manifest manifest = ofNetwork(WeightFile.fingerprint(checkpoint), pairs);
    SubmissionPackage.write(folder.resolve("sound.zip"), manifest, Dataset.open(pairs));
    byte[] dataset = Files.readAllBytes(folder.resolve("sound.zip"));
    Map<String, LabelMap> labels =
        Map.of("t0", Pairs.mask(1), "t1", Pairs.mask(2), "t2", Pairs.mask(3));
    byte[] predictions =
        Files.readAllBytes(Pairs.predictions(folder.resolve("predictions.zip"), labels));
    outside.addAll(outside());

    for (int round = 0; round < rounds; round++) {
      round(
          round,
          "dataset",
          PairFaults.ofDatasets(folder),
          () -> RawZip.of(dataset),
          List.of(dataset),
          file -> commit("/api/submissions/dataset", manifest.toCanonicalJson()));
    }
    server.clock.set(TestServer.DEADLINE);
    for (int round = 0; round < rounds; round++) {
      round(
          round,
          "predictions",
          PairFaults.ofPredictions(folder),
          () -> RawZip.of(predictions),
          List.of(predictions),
          file -> commit(Claim.Kind.PREDICTIONS, file));
      round(
          round,
          "checkpoint",
          CheckpointFaults.all(),
          CheckpointFaults::sound,
          List.of(CheckpointFaults.sound(), CheckpointFaults.soundOfTorch()),
          file -> commit(Claim.Kind.CHECKPOINT, file));
    }
  }

  private static Manifest ofNetwork(String fingerprint, Path pairs) {
    Manifest any = Pairs.manifest(pairs, "Team", Map.of());
    return new Manifest(
        any.format(),
        any.team(),
        any.seed(),
        any.pairs(),
        any.datasetFingerprint(),
        any.merkleRoot(),
        fingerprint,
        any.generator(),
        any.generatorProvenance(),
        any.labelerProvenance(),
        any.tool());
  }

  private interface Commitment {
    /** The id of a new submission, whose file is this. */
    String to(byte[] file);
  }

  private <T> void round(
      int round,
      String what,
      List<Fault<T>> faults,
      Supplier<T> sound,
      List<byte[]> controls,
      Commitment commitment)
      throws IOException {
    List<Upload> uploads = new ArrayList<>();
    for (int i = 0; i < faults.size(); i++) {
      Fault<T> fault = faults.get(i);
      SplitMix64 random = new SplitMix64(SEED + 1000L * round + i);
      byte[] file = fault.spoiling().of(sound.get(), random);
      uploads.add(new Upload(upload(commitment.to(file), file), Optional.of(fault)));
    }
    for (byte[] file : controls) {
      uploads.add(new Upload(upload(commitment.to(file), file), Optional.empty()));
    }
    for (Upload upload : uploads) {
      if (upload.fault.isPresent()) {
        try {
          assertRejected(upload.id, upload.fault.get());
        } catch (AssertionError e) {
          complaints.add(what + ": " + e.getMessage());
        }
        rejected.merge(what + ": " + upload.fault.get().kind(), 1, Integer::sum);
      } else {
        assertThat(decided(upload.id).get("state").asString()).isEqualTo("ACCEPTED");
        accepted.add(upload.id);
      }
    }
    assertNothingIsLeft();
  }

  private String commit(Claim.Kind kind, byte[] file) {
    Claim claim =
        new Claim(
            50,
            "https://example.org/code",
            kind,
            java.util.HexFormat.of().formatHex(Fingerprint.sha256().digest(file)));
    return commit("/api/submissions/test", claim.toCanonicalJson());
  }

  private String commit(String path, String document) {
    HttpResponse<String> committed = program.json(path, document);
    assertThat(committed.statusCode()).as(committed.body()).isEqualTo(201);
    return JsonMapper.shared().readTree(committed.body()).get("id").asString();
  }

  private String upload(String submission, byte[] file) {
    Tus tus = new Tus(program);
    HttpResponse<String> begun = tus.begin(submission, file.length);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
    String location = begun.headers().firstValue("Location").orElseThrow();
    HttpResponse<String> answer = tus.patch(location, 0, file, Tus.sha256(file));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(204);
    return submission;
  }

  private void assertRejected(String id, Fault<?> fault) {
    JsonNode submission = decided(id);
    JsonNode timeline = submission.get("timeline");
    JsonNode last = timeline.get(timeline.size() - 1);
    String message = last.get("message").asString();
    assertThat(submission.get("state").asString())
        .as("%s: %s", fault.kind(), message)
        .isEqualTo("REJECTED");
    assertThat(Reason.valueOf(last.get("reason").asString()))
        .as("%s: %s", fault.kind(), message)
        .isEqualTo(fault.reason());
    assertThat(message)
        .as(fault.kind())
        .containsPattern(fault.message())
        .doesNotContain(folder.toString(), "unpacked-")
        .doesNotContainPattern(INTERNALS)
        .hasSizeLessThan(600);
    assertThat(
            timeline.values().stream()
                .filter(event -> event.get("reason").asString().equals("STARTED")))
        .as("%s: looked at once", fault.kind())
        .hasSize(1);
  }

  private JsonNode decided(String id) {
    Instant end = Instant.now().plusSeconds(PATIENCE_SECONDS);
    while (Instant.now().isBefore(end)) {
      JsonNode submission = JsonMapper.shared().readTree(program.page("/api/submissions/" + id));
      String state = submission.get("state").asString();
      if (!state.equals("QUEUED") && !state.equals("RUNNING")) {
        return submission;
      }
      LockSupport.parkNanos(20_000_000);
    }
    throw new AssertionError("not decided: " + id);
  }

  /** A job tidies up a moment after its result is stored. */
  private void assertNothingIsLeft() throws IOException {
    Path data = folder.resolve("data");
    Instant end = Instant.now().plusSeconds(PATIENCE_SECONDS);
    while (Instant.now().isBefore(end)
        && !(names(data.resolve("work")).isEmpty()
            && names(data.resolve("uploads")).equals(accepted))) {
      LockSupport.parkNanos(20_000_000);
    }
    assertThat(data.resolve("work")).isEmptyDirectory();
    assertThat(names(data.resolve("uploads"))).isEqualTo(accepted);
    assertThat(accepted).containsAll(names(data.resolve("galleries")));
    assertThat(outside()).isEqualTo(outside);
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  /** Everything up to the folder of the test, but for what the server writes as it runs. */
  private Set<Path> outside() {
    Path top = folder.getParent().getParent().getParent();
    Path data = folder.resolve("data");
    try (Stream<Path> files = Files.walk(top)) {
      return files
          .filter(
              file ->
                  Stream.of("work", "uploads", "galleries")
                      .map(data::resolve)
                      .noneMatch(file::startsWith))
          .filter(file -> !file.getFileName().toString().startsWith("database."))
          .collect(Collectors.toCollection(HashSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
