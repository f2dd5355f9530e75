package org.syntagen.challenge.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.Datasets;
import org.syntagen.challenge.check.CheckReport;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;

class SubmissionPackageTest {
  private static final String HASH = Fingerprint.ofText("net");

  @TempDir Path folder;

  private static Manifest manifest(List<Fingerprint.Entry> samples, String generator) {
    return new Manifest(
        Manifest.FORMAT,
        "Teddy Bear",
        7,
        samples.size(),
        Fingerprint.of(samples),
        MerkleTree.ofSamples(samples).root(),
        HASH,
        generator,
        Map.of("steps", 25L, "guidance", 5.0),
        Map.of("kind", "dataset-diffusion"),
        "syntagen 0.1.0");
  }

  private CheckReport check(Path data) {
    return SubmissionPackage.check(data, Datasets.RULES, (done, total) -> {});
  }

  private Path pack(Path data, String name) {
    List<Fingerprint.Entry> samples = check(data).samples();
    Path zip = folder.resolve(name);
    SubmissionPackage.write(zip, manifest(samples, "stable-diffusion-1"), Dataset.open(data));
    return zip;
  }

  @Test
  void aPackageKeepsTheRulesAndItsManifestSpeaksOfItsFiles() {
    Datasets.writeDevkit(folder.resolve("data"), "b", "a", "c");
    Path zip = pack(folder.resolve("data"), "entry.zip");
    UnpackedZip.Bounds bounds = new DatasetCheck(Datasets.RULES).bounds(1 << 20);
    try (UnpackedZip unpacked = UnpackedZip.of(zip, folder, bounds)) {
      CheckReport report = check(unpacked.folder());
      assertThat(report.violations()).isEmpty();
      assertThat(report.samples()).hasSize(3);
      Manifest manifest = SubmissionPackage.manifest(unpacked.folder()).orElseThrow();
      assertThat(manifest.team()).isEqualTo("Teddy Bear");
      assertThat(manifest.hash())
          .isEqualTo(manifest(report.samples(), "stable-diffusion-1").hash());
    }
  }

  @Test
  void equalContentMakesEqualBytesWhereverAndWheneverItIsPacked() throws IOException {
    Datasets.write(folder.resolve("data"), "a", "b");
    Path first = pack(folder.resolve("data"), "first.zip");
    Files.setLastModifiedTime(
        folder.resolve("data/image/a.png"), FileTime.fromMillis(1_000_000_000_000L));
    TimeZone zone = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Auckland"));
      assertThat(pack(folder.resolve("data"), "second.zip")).hasSameBinaryContentAs(first);
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void aManifestOfOtherFilesIsAViolation() throws IOException {
    Path data = folder.resolve("data");
    Datasets.write(data, "a", "b");
    Manifest honest = manifest(check(data).samples(), "stable-diffusion-1");
    Files.writeString(data.resolve("manifest.json"), honest.toCanonicalJson());
    assertThat(check(data).violations()).isEmpty();
    Datasets.mask(24, 16, 9).write(data.resolve("mask/a.png"));
    assertThat(check(data).violations())
        .hasSize(2)
        .allMatch(line -> line.startsWith("manifest.json says "))
        .anyMatch(line -> line.contains("merkleRoot " + honest.merkleRoot()));
  }

  @Test
  void aForbiddenGeneratorAndADamagedManifestAreViolations() throws IOException {
    Path data = folder.resolve("data");
    Datasets.write(data, "a");
    Manifest other = manifest(check(data).samples(), "dall-e");
    Files.writeString(data.resolve("manifest.json"), other.toCanonicalJson());
    assertThat(check(data).violations())
        .containsExactly(
            "manifest.json names the generator dall-e; expected one of stable-diffusion-1");
    Files.writeString(data.resolve("manifest.json"), "{\"format\":1,\"score\":100}");
    assertThat(check(data).violations())
        .singleElement()
        .asString()
        .contains("manifest.json: the key");
  }

  @Test
  void theManifestIsHashedInOneFormAndReadsBackToIt() {
    Manifest manifest = manifest(List.of(new Fingerprint.Entry("a", HASH, HASH)), "x");
    assertThat(manifest.toCanonicalJson())
        .startsWith("{\"datasetFingerprint\":\"")
        .contains("\"generatorProvenance\":{\"guidance\":5,\"steps\":25}")
        .doesNotContain(" :", "\n");
    String shuffled =
        manifest.toCanonicalJson().replace("{\"dataset", "{ \"seed\" : 7,\n \"dataset");
    shuffled = shuffled.replace(",\"seed\":7", "");
    Manifest read = Manifest.parse(shuffled, "manifest.json");
    assertThat(read.hash()).isEqualTo(manifest.hash());
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    List<Fingerprint.Entry> samples = List.of(new Fingerprint.Entry("a", HASH, HASH));
    String json = manifest(samples, "x").toCanonicalJson();
    for (String[] change :
        new String[][] {
          {"\"seed\":7", "\"seed\":-1"},
          {"\"seed\":7", "\"seed\":9007199254740992"},
          {"\"pairs\":1", "\"pairs\":0"},
          {"\"format\":1", "\"format\":2"},
          {"Teddy Bear", "<script>"},
          {"Teddy Bear", ""},
          {HASH + "\",\"pairs", HASH.toUpperCase(Locale.ROOT) + "\",\"pairs"}
        }) {
      assertThat(json).contains(change[0]);
      assertThatExceptionOfType(InputException.class)
          .as(change[1])
          .isThrownBy(() -> Manifest.parse(json.replace(change[0], change[1]), "manifest.json"))
          .matches(e -> e.getMessage().lines().count() == 1);
    }
    assertThatIllegalArgumentException().isThrownBy(() -> manifest(List.of(), "x"));
  }
}
