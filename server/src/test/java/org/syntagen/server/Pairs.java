package org.syntagen.server;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.syntagen.challenge.CompetitionFile;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.MerkleTree;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.SplitMix64;

/** Small datasets, packages and predictions. */
final class Pairs {
  private static final int WIDTH = 24;
  private static final int HEIGHT = 16;

  private Pairs() {}

  /** Writes pairs whose pixels depend on the seed. */
  static Path write(Path folder, int seed, String... stems) {
    try {
      Files.createDirectories(folder.resolve("image"));
      Files.createDirectories(folder.resolve("mask"));
      for (int i = 0; i < stems.length; i++) {
        Dataset.Pair pair = pair(seed + i);
        Images.writePng(folder.resolve("image/" + stems[i] + ".png"), pair.image());
        pair.mask().write(folder.resolve("mask/" + stems[i] + ".png"));
      }
      Files.writeString(folder.resolve("train.txt"), String.join("\n", stems) + "\n");
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Noise, and a mask of the class that the seed is in turn. */
  static Dataset.Pair pair(int seed) {
    SplitMix64 random = new SplitMix64(seed);
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int p = 0; p < WIDTH * HEIGHT; p++) {
      image.setRGB(p % WIDTH, p / WIDTH, (int) random.nextLong() & 0xFFFFFF);
    }
    return new Dataset.Pair(image, mask(1 + seed % 20));
  }

  /** The upper half in one class, the rest background. */
  static LabelMap mask(int label) {
    byte[] labels = new byte[WIDTH * HEIGHT];
    Arrays.fill(labels, 0, labels.length / 2, (byte) label);
    return new LabelMap(WIDTH, HEIGHT, labels);
  }

  /** A manifest of pairs that keeps the rules of the test competition. */
  static Manifest manifest(Path pairs, String team, Map<String, Object> generator) {
    try {
      Path rules = Files.createTempFile("rules", ".yaml");
      Files.writeString(rules, TestServer.RULES.replace("max_pairs: 3", "max_pairs: 1000"));
      CheckReport report =
          SubmissionPackage.check(pairs, CompetitionFile.read(rules).rules(), (done, total) -> {});
      Files.delete(rules);
      return new Manifest(
          Manifest.FORMAT,
          team,
          7,
          report.samples().size(),
          Fingerprint.of(report.samples()),
          MerkleTree.ofSamples(report.samples()).root(),
          Fingerprint.ofText("network"),
          "stable-diffusion-1",
          generator,
          Map.of(),
          "test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A package of two new pairs of a team. */
  static Path pack(Path folder, String team, int seed) {
    return pack(folder, team, seed, 2);
  }

  /** A package of so many new pairs of a team. */
  static Path pack(Path folder, String team, int seed, int size) {
    String[] stems = IntStream.range(0, size).mapToObj("%04d"::formatted).toArray(String[]::new);
    Path pairs = write(folder.resolve(team + seed), seed, stems);
    Path zip = folder.resolve(team + seed + ".zip");
    SubmissionPackage.write(zip, manifest(pairs, team, Map.of()), Dataset.open(pairs));
    return zip;
  }

  /** The manifest in a package. */
  static Manifest manifestOf(Path folder, String team, int seed) {
    return manifest(folder.resolve(team + seed), team, Map.of());
  }

  /** A zip of label maps by id. */
  static Path predictions(Path zip, Map<String, LabelMap> labels) {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (String id : List.copyOf(labels.keySet())) {
        Path png = Files.createTempFile("prediction", ".png");
        labels.get(id).write(png);
        out.putNextEntry(new ZipEntry(id + ".png"));
        Files.copy(png, out);
        Files.delete(png);
      }
      return zip;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
