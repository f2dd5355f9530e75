package org.syntagen.challenge.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.challenge.Datasets;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;

class DatasetCheckTest {
  @TempDir Path folder;

  @Test
  void aDatasetThatKeepsTheRulesPassesInBothLayoutsAndInAWrapperFolder() {
    Datasets.write(folder.resolve("a/my entry"), "one", "two", "three");
    Datasets.writeDevkit(folder.resolve("b"), "one", "two", "three");
    CheckReport own = check(folder.resolve("a"));
    CheckReport devkit = check(folder.resolve("b"));
    assertThat(own.violations()).isEmpty();
    assertThat(devkit.violations()).isEmpty();
    assertThat(own.samples()).hasSize(3).isEqualTo(devkit.samples());
    assertThat(own.found()).isEqualTo("image/ (3 entries), mask/ (3 entries), train.txt");
    assertThat(Fingerprint.of(own.samples()))
        .isEqualTo(Dataset.open(folder.resolve("a/my entry")).fingerprint());
  }

  @Test
  void whatOperatingSystemsAddIsPassedOver() throws IOException {
    Datasets.write(folder.resolve("entry"), "one");
    Files.createDirectories(folder.resolve("__MACOSX/entry"));
    Files.writeString(folder.resolve("__MACOSX/entry/._one.png"), "x");
    Files.writeString(folder.resolve(".DS_Store"), "x");
    Files.writeString(folder.resolve("entry/image/Thumbs.db"), "x");
    assertThat(check(folder).violations()).isEmpty();
  }

  @Test
  void everyViolationIsNamed() throws IOException {
    Datasets.write(folder, "a", "b", "c", "d");
    Files.delete(folder.resolve("image/a.png"));
    Files.delete(folder.resolve("mask/b.png"));
    Images.writePng(folder.resolve("image/c.png"), Datasets.image(16, 24, 1));
    Images.writePng(folder.resolve("image/extra.png"), Datasets.image(24, 16, 1));
    assertThat(check(folder).violations())
        .containsExactly(
            "train.txt lists 4 pairs; expected at most 3",
            "train.txt lists a, of which there is no image",
            "train.txt lists b, of which there is no mask",
            "there is an image of extra, which train.txt does not list",
            "image/c.png is 16×24 pixels; expected 24×16");
  }

  @Test
  void labelsOutsideTheClassesAndVoidAreNamed() throws IOException {
    Datasets.write(folder, "a", "b");
    byte[] labels = new byte[24 * 16];
    labels[25] = 21;
    new LabelMap(24, 16, labels).write(folder.resolve("mask/a.png"));
    labels[25] = (byte) 255;
    new LabelMap(24, 16, labels).write(folder.resolve("mask/b.png"));
    assertThat(check(folder).violations())
        .containsExactly(
            "the mask mask/a.png holds label 21 at x=1, y=1; expected 0 to 20, or 255 for void");
  }

  @Test
  void aMaskInColoursAndABrokenImageAreNamed() throws IOException {
    Datasets.write(folder, "a", "b", "c");
    ImageIO.write(Datasets.image(24, 16, 1), "png", folder.resolve("mask/a.png").toFile());
    byte[] png = Files.readAllBytes(folder.resolve("image/b.png"));
    Files.write(folder.resolve("image/b.png"), Arrays.copyOf(png, png.length / 2));
    Files.writeString(folder.resolve("image/c.png"), "image/a.png");
    List<String> violations = check(folder).violations();
    assertThat(violations).hasSize(3);
    assertThat(violations.get(0)).contains("mask/a.png is not a palette image");
    assertThat(violations.get(1)).contains("image/b.png cannot be read");
    assertThat(violations.get(2)).contains("image/c.png is not an image");
  }

  @Test
  void anEnormousClaimCostsNoMemory() throws IOException {
    Datasets.write(folder, "a");
    byte[] png = Files.readAllBytes(folder.resolve("image/a.png"));
    ByteBuffer.wrap(png).putInt(16, 65_000).putInt(20, 65_000);
    Files.write(folder.resolve("image/a.png"), png);
    assertThat(check(folder).violations()).singleElement().asString().contains("65000×65000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"image", "mask", "train.txt"})
  void aMissingPartIsNamed(String part) throws IOException {
    Datasets.write(folder.resolve("full"), "a");
    Files.move(folder.resolve("full").resolve(part), folder.resolve("gone"));
    CheckReport report = check(folder.resolve("full"));
    assertThat(report.passed()).isFalse();
    assertThat(report.found()).doesNotContain(part);
    assertThat(report.expected()).contains("image/, mask/ and train.txt").contains("24×16");
  }

  private static CheckReport check(Path folder) {
    return new DatasetCheck(Datasets.RULES)
        .run(DatasetCheck.root(folder), (done, total) -> assertThat(done).isBetween(1, total));
  }
}
