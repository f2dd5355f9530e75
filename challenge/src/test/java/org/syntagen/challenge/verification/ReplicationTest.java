package org.syntagen.challenge.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.Datasets;
import org.syntagen.challenge.Tolerance;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.challenge.submission.MerkleTree;
import org.syntagen.challenge.submission.SubmissionPackage;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;

class ReplicationTest {
  private static final String MODEL = Fingerprint.ofText("net");
  private static final Tolerance TOLERANCE = new Tolerance(2, 40, 0.9, 1);

  @TempDir Path folder;
  private Dataset dataset;
  private CheckReport report;
  private Manifest manifest;

  @BeforeEach
  void anEntryOfThreePairs() {
    Path data = folder.resolve("data");
    Datasets.write(data, "a", "b", "c");
    dataset = Dataset.open(data);
    report = SubmissionPackage.check(data, Datasets.RULES, (done, total) -> {});
    manifest =
        new Manifest(
            1,
            "team",
            1,
            3,
            Fingerprint.of(report.samples()),
            MerkleTree.ofSamples(report.samples()).root(),
            MODEL,
            "stable-diffusion-1",
            Map.of(),
            Map.of(),
            "tool");
  }

  private Replication replicate(Function<String, Dataset.Pair> generator) {
    return Replication.of(
        report,
        dataset.folder(),
        manifest,
        "4 8 15 16 23 42",
        TOLERANCE,
        Optional.of(MODEL),
        generator);
  }

  private Dataset.Pair pair(String id) {
    return dataset.pair(dataset.ids().indexOf(id));
  }

  @Test
  void theOrderOfTheTeamsListChoosesNothing() throws IOException {
    List<String> drawn =
        replicate(this::pair).comparisons().stream().map(each -> each.id()).toList();
    Files.writeString(folder.resolve("data/train.txt"), "c\na\nb\n");
    dataset = Dataset.open(folder.resolve("data"));
    report = SubmissionPackage.check(dataset.folder(), Datasets.RULES, (done, total) -> {});
    assertThat(replicate(this::pair).comparisons().stream().map(each -> each.id()).toList())
        .isEqualTo(drawn);
  }

  /** The pair of an id with a number added to the red of its first pixels. */
  private Dataset.Pair noisy(String id, int pixels, int amount) {
    Dataset.Pair pair = pair(id);
    BufferedImage image = pair.image();
    for (int i = 0; i < pixels; i++) {
      int rgb = image.getRGB(i, 0);
      int red = rgb >> 16 & 0xFF;
      image.setRGB(i, 0, rgb & 0xFFFF | (red > 127 ? red - amount : red + amount) << 16);
    }
    return new Dataset.Pair(image, pair.mask());
  }

  @Test
  void equalPairsAreExact() {
    Replication exact = replicate(this::pair);
    assertThat(exact.verdict()).isEqualTo(Verdict.EXACT);
    assertThat(exact.comparisons()).hasSize(2).allMatch(Replication.Comparison::equal);
  }

  @Test
  void smallDifferencesAreWithinTolerance() {
    Replication near = replicate(id -> noisy(id, 3, 1));
    assertThat(near.verdict()).isEqualTo(Verdict.WITHIN_TOLERANCE);
    // 3 of 24·16·3 values differ by 1.
    assertThat(near.comparisons().get(0).psnr())
        .isCloseTo(10 * Math.log10(255 * 255 * 24 * 16 * 3 / 3.0), within(1e-9));
  }

  @Test
  void anImageOrMaskThatIsTooDifferentIsAMismatch() {
    assertThat(replicate(id -> noisy(id, 24, 120)).verdict()).isEqualTo(Verdict.MISMATCH);
    Replication mask =
        replicate(
            id ->
                new Dataset.Pair(pair(id).image(), Datasets.mask(24, 16, id.charAt(0) - 'a' + 1)));
    assertThat(mask.verdict()).isEqualTo(Verdict.MISMATCH);
    assertThat(mask.reason()).contains("2 of 2 samples came out different", "mask IoU 0.333");
  }

  @Test
  void whatFailsOrComesOutInAnotherSizeIsNotRunnable() {
    Replication failed =
        replicate(
            id -> {
              throw new IllegalStateException("no such model");
            });
    assertThat(failed.verdict()).isEqualTo(Verdict.NOT_RUNNABLE);
    assertThat(failed.reason()).contains("no such model");
    assertThat(
            replicate(
                    id ->
                        new Dataset.Pair(
                            Datasets.image(16, 24, 1), new LabelMap(16, 24, new byte[16 * 24])))
                .verdict())
        .isEqualTo(Verdict.NOT_RUNNABLE);
  }

  @Test
  void anotherNetworkOrBrokenRulesAreFoundBeforeAnythingIsMade() {
    Function<String, Dataset.Pair> never =
        id -> {
          throw new AssertionError("made");
        };
    assertThat(
            Replication.of(
                    report,
                    dataset.folder(),
                    manifest,
                    "seed",
                    TOLERANCE,
                    Optional.of(Fingerprint.ofText("other")),
                    never)
                .verdict())
        .isEqualTo(Verdict.MISMATCH);
    CheckReport broken = new CheckReport("", "", List.of("too many pairs"), List.of());
    Replication violation =
        Replication.of(
            broken, folder.resolve("none"), manifest, "seed", TOLERANCE, Optional.empty(), never);
    assertThat(violation.verdict()).isEqualTo(Verdict.RULE_VIOLATION);
    assertThat(violation.reason()).isEqualTo("too many pairs");
  }

  @Test
  void theEvidenceHoldsWhatDiffers() throws IOException {
    Replication mismatch = replicate(id -> noisy(id, 24, 120));
    Path evidence = folder.resolve("evidence");
    Evidence.write(evidence, mismatch, manifest, "4 8 15");
    String id = mismatch.comparisons().get(0).id();
    assertThat(evidence.resolve(id + "-submitted.png"))
        .hasSameBinaryContentAs(folder.resolve("data/image/" + id + ".png"));
    assertThat(evidence.resolve(id + "-replica.png")).exists();
    assertThat(evidence.resolve(id + "-replica-mask.png")).exists();
    assertThat(Files.readString(evidence.resolve("verification.json")))
        .contains("\"verdict\":\"MISMATCH\"", "\"publicSeed\":\"4 8 15\"", manifest.hash());
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Evidence.write(evidence, mismatch, manifest, "4 8 15"))
        .withMessageContaining("is not empty");
    Path exact = folder.resolve("exact");
    Evidence.write(exact, replicate(this::pair), manifest, "4 8 15");
    assertThat(exact).isDirectoryContaining("glob:**verification.json");
    assertThat(exact.toFile().list()).hasSize(1);
  }

  @Test
  void theDrawFollowsFromTheSeedAndTheRootAlone() {
    String root = manifest.merkleRoot();
    List<Integer> drawn = new PublicDraw("lottery", root).draw(10_000, 20);
    assertThat(drawn)
        .hasSize(20)
        .isSorted()
        .doesNotHaveDuplicates()
        .isEqualTo(new PublicDraw("lottery", root).draw(10_000, 20))
        .isNotEqualTo(new PublicDraw("lottery2", root).draw(10_000, 20))
        .isNotEqualTo(new PublicDraw("lottery", MODEL).draw(10_000, 20));
    assertThat(new PublicDraw("x", root).draw(5, 20)).containsExactly(0, 1, 2, 3, 4);
    assertThatIllegalArgumentException().isThrownBy(() -> new PublicDraw(" ", root));
    // The rule in its own words.
    List<Map.Entry<String, Integer>> lots = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      lots.add(Map.entry(Fingerprint.ofText("lottery\n" + root + "\n" + i), i));
    }
    Collections.sort(lots, Map.Entry.comparingByKey());
    assertThat(drawn)
        .containsExactlyInAnyOrderElementsOf(
            lots.subList(0, 20).stream().map(Map.Entry::getValue).toList());
  }

  @Test
  void everySampleIsDrawnAboutEquallyOften() {
    int[] counts = new int[10];
    for (int seed = 0; seed < 1000; seed++) {
      for (int sample : new PublicDraw("s" + seed, MODEL).draw(10, 3)) {
        counts[sample]++;
      }
    }
    for (int count : counts) {
      assertThat(count).isBetween(240, 360); // 300, standard deviation 14.5
    }
  }
}
