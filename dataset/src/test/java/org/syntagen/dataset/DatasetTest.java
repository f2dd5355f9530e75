package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
  @TempDir Path folder;

  @Test
  void theBareLayoutIsRead() {
    Pictures.writeBare(folder, "a", "b_2", "c-3.x");
    Dataset dataset = Dataset.open(folder);
    assertThat(dataset.ids()).containsExactly("a", "b_2", "c-3.x");
    assertThat(dataset.classes()).isEqualTo(ClassSet.VOC);
    assertThat(dataset.sample(0)).isEmpty();
    assertThat(dataset.header()).isEmpty();
    assertThat(dataset.pair(1).mask()).isEqualTo(Pictures.mask(12, 8, 1));
    assertThat(Fingerprint.ofImage(dataset.image(2)))
        .isEqualTo(Fingerprint.ofImage(Pictures.image(12, 8, 2)));
    assertThat(dataset.statistics().samples()).isEqualTo(3);
  }

  @Test
  void theVocDevkitIsReadByItsLists() throws IOException {
    Files.createDirectories(folder.resolve("JPEGImages"));
    Files.createDirectories(folder.resolve("SegmentationClass"));
    Files.createDirectories(folder.resolve("ImageSets/Segmentation"));
    for (int i = 0; i < 3; i++) {
      Path image = folder.resolve("JPEGImages/2007_00000" + i + ".jpg");
      ImageIO.write(Pictures.image(12, 8, i), "jpg", image.toFile());
    }
    Pictures.mask(12, 8, 0).write(folder.resolve("SegmentationClass/2007_000000.png"));
    Pictures.mask(12, 8, 1).write(folder.resolve("SegmentationClass/2007_000001.png"));
    Files.writeString(folder.resolve("ImageSets/Segmentation/train.txt"), "2007_000000\r\n");
    Files.writeString(folder.resolve("ImageSets/Segmentation/val.txt"), "2007_000001");
    assertThat(Dataset.open(folder).ids()).containsExactly("2007_000000");
    Dataset validation = Dataset.open(folder, "val");
    assertThat(validation.ids()).containsExactly("2007_000001");
    assertThat(validation.pair(0).mask()).isEqualTo(Pictures.mask(12, 8, 1));
  }

  @Test
  void imagesCanBeOpenedWithoutMasks() throws IOException {
    Pictures.writeBare(folder, "a");
    Files.delete(folder.resolve("mask/a.png"));
    Files.delete(folder.resolve("mask"));
    Dataset dataset = Dataset.openImages(folder, "train");
    assertThat(dataset.image(0).getWidth()).isEqualTo(12);
    assertThatIllegalStateException().isThrownBy(() -> dataset.mask(0));
    refused(folder, "train").withMessageContaining("mask is missing");
  }

  @Test
  void aFolderThatIsNoDatasetIsRefused() throws IOException {
    refused(folder.resolve("none"), "train").withMessageContaining("there is no dataset folder");
    refused(folder, "train").withMessageContaining("is no dataset");
    Files.createDirectories(folder.resolve("image"));
    refused(folder, "train").withMessageContaining("train.txt is missing");
  }

  @Test
  void anEmptyListIsRefused() throws IOException {
    Pictures.writeBare(folder, "a");
    Files.writeString(folder.resolve("train.txt"), "\n  \n");
    refused(folder, "train").withMessageContaining("the dataset is empty");
  }

  @Test
  void aMissingImageOrMaskIsNamed() throws IOException {
    Pictures.writeBare(folder, "a", "b", "c");
    Files.delete(folder.resolve("mask/b.png"));
    Files.delete(folder.resolve("mask/c.png"));
    refused(folder, "train").withMessageContaining("holds no mask of b and 1 others");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret", "a/b", "a\\b", "..", ".hidden", "/etc/passwd", "C:x", "a b", "ä"})
  void aStemThatCouldLeaveTheFolderIsRefused(String stem) throws IOException {
    Pictures.writeBare(folder, "a");
    Files.writeString(folder.resolve("train.txt"), "a\n" + stem + "\n");
    refused(folder, "train").withMessageContaining("line 2").withMessageContaining("no stem");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../train", "a/b", ""})
  void aListNameThatCouldLeaveTheFolderIsRefused(String list) {
    Pictures.writeBare(folder, "a");
    refused(folder, list).withMessageContaining("no name of a list");
  }

  @Test
  void doubleStemsAndAmbiguousFilesAreRefused() throws IOException {
    Pictures.writeBare(folder, "a");
    Files.writeString(folder.resolve("train.txt"), "a\na\n");
    refused(folder, "train").withMessageContaining("line 2: a is listed twice");
    Files.writeString(folder.resolve("train.txt"), "a\n");
    ImageIO.write(Pictures.image(12, 8, 1), "jpg", folder.resolve("image/a.jpg").toFile());
    refused(folder, "train").withMessageContaining("have the same stem");
  }

  @Test
  void anEndlessLineAndForeignBytesAreRefused() throws IOException {
    Pictures.writeBare(folder, "a");
    Files.writeString(folder.resolve("train.txt"), "x".repeat(100_000));
    refused(folder, "train").withMessageContaining("line 1 is longer than");
    Files.write(folder.resolve("train.txt"), new byte[] {'a', (byte) 0xFF, '\n'});
    refused(folder, "train").withMessageContaining("not UTF-8");
  }

  @Test
  void aMaskOfAnotherSizeIsNamed() throws IOException {
    Pictures.writeBare(folder, "a");
    Pictures.mask(8, 12, 1).write(folder.resolve("mask/a.png"));
    Dataset dataset = Dataset.open(folder);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> dataset.pair(0))
        .withMessageContaining("a.png is 8×12")
        .withMessageContaining("12×8");
  }

  @Test
  void aBrokenImageIsNamedWhenItIsRead() throws IOException {
    Pictures.writeBare(folder, "a", "b");
    Files.writeString(folder.resolve("image/b.png"), "broken");
    Dataset dataset = Dataset.open(folder);
    assertThat(dataset.image(0)).isNotNull();
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> dataset.pair(1))
        .withMessageContaining("b.png is not an image");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "[]",
        "{}",
        "{\"id\":\"../a\",\"prompt\":\"\",\"classes\":[],\"seed\":1,\"provenance\":{},"
            + "\"imageSha256\":\"0\",\"maskSha256\":\"0\",\"area\":{}}",
        "{\"id\":\"a\",\"id\":\"b\"}"
      })
  void aDamagedSampleLineIsNamed(String line) throws IOException {
    Pictures.writeBare(folder, "a");
    Files.writeString(folder.resolve("samples.jsonl"), line + "\n");
    refused(folder, "train").withMessageContaining("samples.jsonl line 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"format\":2}", "{\"format\":\"1\"}", "{\"format\":1}"})
  void aDamagedHeaderIsNamed(String text) throws IOException {
    Pictures.writeBare(folder, "a");
    Files.writeString(folder.resolve("dataset.json"), text);
    refused(folder, "train").withMessageContaining("dataset.json");
  }

  @Test
  void deeplyNestedJsonIsRefusedInOneLine() throws IOException {
    Pictures.writeBare(folder, "a");
    Files.writeString(folder.resolve("dataset.json"), "[".repeat(100_000));
    refused(folder, "train")
        .withMessageContaining("dataset.json is not one JSON object of sensible size");
  }

  @Test
  void theFingerprintIsThatOfThePixelsWhateverTheListsOrder() throws IOException {
    Pictures.writeBare(folder, "a", "b");
    String fingerprint = Dataset.open(folder).fingerprint();
    Files.writeString(folder.resolve("train.txt"), "b\na\n");
    assertThat(Dataset.open(folder).fingerprint()).isEqualTo(fingerprint);
    Fingerprint.Entry[] entries = new Fingerprint.Entry[2];
    for (int i = 0; i < 2; i++) {
      entries[i] =
          new Fingerprint.Entry(
              i == 0 ? "a" : "b",
              Fingerprint.ofImage(Pictures.image(12, 8, i)),
              Fingerprint.ofMask(Pictures.mask(12, 8, i)));
    }
    assertThat(Fingerprint.of(List.of(entries))).isEqualTo(fingerprint);
  }

  private static ThrowableAssertAlternative<InputException> refused(Path folder, String list) {
    return assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Dataset.open(folder, list))
        .matches(e -> e.getMessage().lines().count() == 1, "one line");
  }
}
