package org.syntagen.dataset.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;

class CutoutLibraryTest {
  @TempDir Path folder;
  private CutoutLibrary library;

  @BeforeEach
  void writeTheLibrary() {
    library = TinyLibrary.write(folder);
  }

  @Test
  void cutoutsAreReadWithClassSplitAndLicence() {
    assertThat(library.cutouts()).hasSize(5);
    Cutout first = library.cutouts().get(0);
    assertThat(first.file()).isEqualTo("cat/0.png");
    assertThat(first.label()).isEqualTo(ClassSet.VOC.label("cat"));
    assertThat(first.split()).isEqualTo(Split.TRAIN);
    assertThat(first.licence()).isEqualTo("CC0-1.0");
    assertThat(first.image().getWidth()).isEqualTo(40);
    assertThat(library.labels()).containsExactly(7, 8, 12);
  }

  @Test
  void aSplitShowsItsOwnCutoutsAndASingleOneIsShared() {
    assertThat(library.of(8, Split.TRAIN)).extracting(Cutout::file).containsExactly("cat/0.png");
    assertThat(library.of(8, Split.TEST)).extracting(Cutout::file).containsExactly("cat/1.png");
    assertThat(library.of(7, Split.TEST)).extracting(Cutout::file).containsExactly("car/0.png");
    assertThat(library.of(20, Split.TRAIN)).isEmpty();
  }

  @Test
  void theFingerprintFollowsPixelsAndSplits() throws IOException {
    String before = library.fingerprint();
    assertThat(CutoutLibrary.read(folder).fingerprint()).isEqualTo(before);
    edit("cat/1.png\tcat\ttest", "cat/1.png\tcat\ttrain");
    assertThat(CutoutLibrary.read(folder).fingerprint()).isNotEqualTo(before);
    edit("cat/1.png\tcat\ttrain", "cat/1.png\tcat\ttest");
    Images.writePng(folder.resolve("cat/0.png"), TinyLibrary.ellipse(40, 30, Color.GREEN));
    assertThat(CutoutLibrary.read(folder).fingerprint()).isNotEqualTo(before);
  }

  @Test
  void aPictureWithoutALineAndALineWithoutAPictureAreRefused() throws IOException {
    Files.copy(folder.resolve("cat/0.png"), folder.resolve("cat/9.png"));
    refused("cat/9.png has no line in licences.tsv");
    Files.delete(folder.resolve("cat/9.png"));
    Files.delete(folder.resolve("dog/1.png"));
    refused("lists dog/1.png, but there is no such file");
  }

  @ParameterizedTest
  @CsvSource({
    "cat/0.png\tcat\ttrain, cat/../../0.png\tcat\ttrain, names the file",
    "cat/0.png\tcat\ttrain, dog/0.png\tcat\ttrain, names the file",
    "cat/0.png\tcat\ttrain, cat/0.png\tcat\tval, expected train or test",
    "cat/1.png\tcat, cat/0.png\tcat, a second time",
    "ellipse\ttest\tCC0-1.0, 'ellipse\ttest\t', gives no licence",
    "ellipse\ttest\tCC0-1.0, ellipse\ttest, 6 cells",
    "file\tclass\tsplit, file\tclass\tpart, no column \"split\""
  })
  void aWrongLineIsNamed(String from, String to, String because) throws IOException {
    edit(from, to == null ? "" : to);
    refused(because);
  }

  @Test
  void anUnknownClassIsNamedWithTheNearestOnes() throws IOException {
    Files.move(folder.resolve("car"), folder.resolve("cart"));
    edit("car/0.png\tcar", "cart/0.png\tcart");
    refused("did you mean car");
  }

  @Test
  void aPictureWithoutTransparencyOrWithoutContentIsRefused() throws IOException {
    BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_ARGB);
    Images.writePng(folder.resolve("cat/0.png"), image);
    refused("cat/0.png is wholly transparent");
    for (int i = 0; i < 400; i++) {
      image.setRGB(i % 20, i / 20, 0xFF123456);
    }
    Images.writePng(folder.resolve("cat/0.png"), image);
    refused("cat/0.png is wholly opaque");
    Files.writeString(folder.resolve("cat/0.png"), "no picture");
    refused("cat/0.png is not an image");
  }

  @Test
  void aFolderWithoutTableIsRefused() throws IOException {
    Files.delete(folder.resolve("licences.tsv"));
    refused("licences.tsv is missing");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> CutoutLibrary.read(folder.resolve("none")))
        .withMessageContaining("there is no cut-out library");
  }

  @Test
  void theTableIsWrittenAsItIsRead() throws IOException {
    LicenceTable table = LicenceTable.read(folder);
    String text = table.text(table.rows().stream().map(row -> new int[] {1, 2}).toList());
    Files.writeString(folder.resolve("licences.tsv"), text);
    assertThat(LicenceTable.read(folder)).isEqualTo(table);
  }

  private void edit(String from, String to) throws IOException {
    Path table = folder.resolve("licences.tsv");
    String text = Files.readString(table);
    assertThat(text).contains(from);
    int at = text.indexOf(from);
    Files.writeString(table, text.substring(0, at) + to + text.substring(at + from.length()));
  }

  private void refused(String because) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> CutoutLibrary.read(folder))
        .withMessageContaining(because);
  }
}
