package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;

class DatasetImagesTest {
  private static final TrainingConfig CONFIG =
      Configs.tiny("sgd", 1, 2, 1).config(InitialWeights.RANDOM);

  @TempDir private Path folder;

  @BeforeEach
  void writeTwoSamples() throws IOException {
    Files.createDirectories(folder.resolve("image"));
    Files.createDirectories(folder.resolve("mask"));
    write("000000", 20, 10, 3);
    write("000001", 20, 10, 255);
    Files.writeString(folder.resolve("train.txt"), "000000\n000001\n");
  }

  /** A sample whose mask is filled with one label and whose image is orange. */
  private void write(String id, int width, int height, int label) throws IOException {
    BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 10; y++) {
      for (int x = 0; x < 20; x++) {
        image.setRGB(x, y, 0xFF8000);
      }
    }
    Images.writePng(folder.resolve("image").resolve(id + ".png"), image);
    byte[] labels = new byte[width * height];
    Arrays.fill(labels, (byte) label);
    new LabelMap(width, height, labels).write(folder.resolve("mask").resolve(id + ".png"));
  }

  @Test
  void samplesAreReadWithTheirColorsAndLabels() {
    LabeledImages images = LabeledImages.of(Dataset.open(folder));
    assertThat(images.size()).isEqualTo(2);
    LabeledImage first = images.load(0);
    assertThat(first.id()).isEqualTo(images.id(0)).isEqualTo("000000");
    assertThat(first.width()).isEqualTo(20);
    assertThat(first.height()).isEqualTo(10);
    assertThat(Arrays.copyOf(first.rgb(), 3)).containsExactly((byte) 0xFF, (byte) 0x80, (byte) 0);
    assertThat(first.labels()).containsOnly(3);
    assertThat(images.load(1).mask().at(19, 9)).isEqualTo(ClassSet.VOID);
  }

  @Test
  void aMaskWithLabel21StopsTheTrainingWithOneLine() throws IOException {
    write("000001", 20, 10, 21);
    assertTrainingFails("label 21");
  }

  @Test
  void aMaskOfAnotherSizeStopsTheTrainingWithOneLine() throws IOException {
    write("000001", 19, 10, 1);
    assertTrainingFails("is 19×10, its image 000001.png 20×10");
  }

  @Test
  void anImageThatIsNoneStopsTheTrainingWithOneLine() throws IOException {
    Files.writeString(folder.resolve("image").resolve("000001.png"), "no image");
    assertTrainingFails("000001.png is not an image");
  }

  private void assertTrainingFails(String reason) {
    LabeledImages images = LabeledImages.of(Dataset.open(folder));
    assertThatThrownBy(() -> new Trainer(CONFIG, ClassSet.VOC, images).train(progress -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(reason)
        .message()
        .doesNotContain("\n");
    assertThatThrownBy(
            () -> {
              try (DeepLabV3 model = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 21, 1)) {
                new Evaluator(ClassSet.VOC)
                    .evaluate(new Predictor(model, 0), images, (image, labels) -> {});
              }
            })
        .isInstanceOf(InputException.class)
        .hasMessageContaining(reason);
  }
}
