package org.syntagen.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.syntagen.challenge.scoring.Claim;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.challenge.verification.Verdict;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.LabelMap;
import org.syntagen.server.submission.Reason;

/**
 * A team of a {@link Contest} with all that it may hand in.
 *
 * @param datasets the last is what the team wants to take part with
 * @param abandoned a dataset whose file it never sends to the end
 * @param results the last counts
 * @param verdict what comes out when its samples are made again
 */
record Competitor(
    String team, List<Handin> datasets, Handin abandoned, List<Handin> results, Verdict verdict) {
  private static final int PAIRS = 120;
  private static final int CLASSES = 20;

  /** How many private test images there are; each class is on as many of them. */
  private static final int IMAGES = 5 * CLASSES;

  private static final int FIRST_IMAGE = 100;

  /**
   * A file with its commitment.
   *
   * @param path where the commitment is sent to
   * @param document manifest or claim
   * @param end how its timeline must end
   * @param miou what its score must be, if it has one
   */
  record Handin(String path, String document, byte[] file, Reason end, Optional<Double> miou) {}

  /** Whether its score is that of its network, so that another one can be held to it. */
  boolean handsInItsNetwork() {
    return results.get(results.size() - 1).document.contains(Claim.Kind.CHECKPOINT.name());
  }

  /** Four teams: one of each verdict, and one that is disqualified for all that. */
  static List<Competitor> four(Path folder) {
    Handin network = network();
    return List.of(
        of(
            folder,
            "Honest",
            1000,
            Map.of("pairsSeed", 1000),
            predictions(folder, 2),
            Verdict.EXACT),
        of(folder, "Liar", 2000, Map.of("pairsSeed", 1), predictions(folder, 4), Verdict.MISMATCH),
        of(folder, "Elsewhere", 3000, Map.of(), predictions(folder, 6), Verdict.NOT_RUNNABLE),
        of(folder, "Cheat", 4000, Map.of("pairsSeed", 4000), network, Verdict.EXACT));
  }

  /** The private test images of the contest. */
  static Path test(Path folder) {
    String[] stems = IntStream.range(0, IMAGES).mapToObj("t%03d"::formatted).toArray(String[]::new);
    return Pairs.write(folder, FIRST_IMAGE, stems);
  }

  private static Competitor of(
      Path folder,
      String team,
      int seed,
      Map<String, Object> generator,
      Handin result,
      Verdict verdict) {
    Handin good = dataset(folder, team, seed, PAIRS, generator);
    Handin abandoned = dataset(folder, team, seed + PAIRS, 2, generator);
    Handin swapped =
        new Handin(
            good.path, good.document, abandoned.file, Reason.NOT_AS_COMMITTED, Optional.empty());
    return new Competitor(
        team,
        List.of(swapped, good),
        new Handin(
            good.path, abandoned.document, abandoned.file, Reason.COMMITTED, Optional.empty()),
        List.of(predictions(folder, 8), incomplete(folder), result),
        verdict);
  }

  private static Handin dataset(
      Path folder, String team, int seed, int size, Map<String, Object> generator) {
    String[] stems = IntStream.range(0, size).mapToObj("%04d"::formatted).toArray(String[]::new);
    Path pairs = Pairs.write(folder.resolve(team + seed), seed, stems);
    Manifest manifest = Pairs.manifest(pairs, team, generator);
    Path zip = folder.resolve(team + seed + ".zip");
    SubmissionPackage.write(zip, manifest, Dataset.open(pairs));
    return new Handin(
        "/api/submissions/dataset",
        manifest.toCanonicalJson(),
        bytes(zip),
        Reason.ACCEPTED,
        Optional.empty());
  }

  /** Predictions that are right but for some classes, which they take for background. */
  private static Handin predictions(Path folder, int missed) {
    Map<String, LabelMap> labels = new LinkedHashMap<>();
    for (int i = 0; i < IMAGES; i++) {
      int label = 1 + (FIRST_IMAGE + i) % CLASSES;
      labels.put("t%03d".formatted(i), Pairs.mask(label <= missed ? 0 : label));
    }
    // Half of each image is background; a missed class adds a twentieth of the other half to it.
    double background = (double) CLASSES / (CLASSES + missed);
    double miou = 100 * (background + CLASSES - missed) / (1 + CLASSES);
    return result(
        Claim.Kind.PREDICTIONS,
        bytes(Pairs.predictions(folder.resolve("missed" + missed + ".zip"), labels)),
        Reason.ACCEPTED,
        Optional.of(miou));
  }

  private static Handin incomplete(Path folder) {
    return result(
        Claim.Kind.PREDICTIONS,
        bytes(Pairs.predictions(folder.resolve("one.zip"), Map.of("t000", Pairs.mask(1)))),
        Reason.PREDICTIONS_REFUSED,
        Optional.empty());
  }

  /** The network that all datasets speak of, which sees class 1 in each of the images. */
  private static Handin network() {
    double first = 1.0 / CLASSES;
    return result(
        Claim.Kind.CHECKPOINT,
        "network".getBytes(StandardCharsets.UTF_8),
        Reason.ACCEPTED,
        Optional.of(100 * (1 + first) / (1 + CLASSES)));
  }

  private static Handin result(Claim.Kind kind, byte[] file, Reason end, Optional<Double> miou) {
    Claim claim =
        new Claim(Math.rint(miou.orElse(50.0)), "https://example.org/code", kind, hash(file));
    return new Handin("/api/submissions/test", claim.toCanonicalJson(), file, end, miou);
  }

  private static String hash(byte[] file) {
    return HexFormat.of().formatHex(Fingerprint.sha256().digest(file));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
