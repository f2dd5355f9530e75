package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelMapTest {
  @TempDir Path folder;

  @Test
  void aMaskSurvivesTheDisk() throws IOException {
    LabelMap mask = Pictures.mask(31, 17, 1);
    Path file = folder.resolve("m.png");
    mask.write(file);
    assertThat(LabelMap.read(file, ClassSet.VOC)).isEqualTo(mask);
  }

  @Test
  void theFileIsAnEightBitPalettePngInVocColours() throws IOException {
    Path file = folder.resolve("m.png");
    new LabelMap(2, 1, new byte[] {1, (byte) 255}).write(file);
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes[24]).as("bit depth").isEqualTo((byte) 8);
    assertThat(bytes[25]).as("colour type").isEqualTo((byte) 3);
    BufferedImage image = ImageIO.read(file.toFile());
    assertThat(image.getRGB(0, 0)).isEqualTo(0xFF800000);
    assertThat(image.getRGB(1, 0)).isEqualTo(0xFFE0E0C0);
  }

  @Test
  void labelsAreReadFromSamplesAlsoWhereThePaletteRepeatsAColour() throws IOException {
    byte[] black = new byte[256];
    BufferedImage image =
        new BufferedImage(
            2,
            1,
            BufferedImage.TYPE_BYTE_INDEXED,
            new IndexColorModel(8, 256, black, black, black));
    image.getRaster().setSample(1, 0, 0, 15);
    ImageIO.write(image, "png", folder.resolve("m.png").toFile());
    assertThat(LabelMap.read(folder.resolve("m.png"), ClassSet.VOC).at(1, 0)).isEqualTo(15);
  }

  @Test
  void anIllegalLabelIsNamedWithItsPlace() throws IOException {
    byte[] labels = new byte[6];
    labels[5] = 21;
    Path file = folder.resolve("bad.png");
    new LabelMap(3, 2, labels).write(file);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> LabelMap.read(file, ClassSet.VOC))
        .withMessageContaining("bad.png")
        .withMessageContaining("label 21 at x=2, y=1")
        .withMessageContaining("0 to 20");
  }

  @Test
  void anImageWithoutPaletteIsNoMask() throws IOException {
    Path file = folder.resolve("rgb.png");
    Images.writePng(file, Pictures.image(4, 4, 1));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> LabelMap.read(file, ClassSet.VOC))
        .withMessageContaining("not a palette image");
  }

  @Test
  void theHistogramCountsUnsignedLabels() {
    LabelMap mask = new LabelMap(2, 2, new byte[] {0, 3, 3, (byte) 255});
    assertThat(mask.histogram()).hasSize(256);
    assertThat(mask.histogram()[0]).isEqualTo(1);
    assertThat(mask.histogram()[3]).isEqualTo(2);
    assertThat(mask.histogram()[255]).isEqualTo(1);
  }

  @Test
  void theArrayMustFitTheSides() {
    assertThatIllegalArgumentException().isThrownBy(() -> new LabelMap(2, 2, new byte[3]));
    assertThatIllegalArgumentException().isThrownBy(() -> new LabelMap(0, 2, new byte[0]));
  }
}
