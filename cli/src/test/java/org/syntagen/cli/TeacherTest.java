package org.syntagen.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.labeling.Scores;
import org.syntagen.segmentation.Backbone;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.Predictor;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.WeightsException;

class TeacherTest {
  @TempDir Path folder;

  private Path network(int classes) throws IOException {
    return network(classes, Map.of());
  }

  private Path network(int classes, Map<String, String> metadata) throws IOException {
    Path file = folder.resolve("net-" + classes + ".safetensors");
    try (DeepLabV3 network = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, classes, 1)) {
      SafeTensors.write(file, network.state(), metadata);
    }
    return file;
  }

  @Test
  void scoresAreTheMeanWithWhatTheTeacherSeesAmongTheAskedClasses() throws IOException {
    BufferedImage image = new BufferedImage(6, 4, BufferedImage.TYPE_INT_RGB);
    image.setRGB(2, 1, 0xFF8020);
    float[] given = new float[48];
    given[5] = 0.5f;
    try (DeepLabV3 network = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 21, 1);
        Teacher teacher = Teacher.load(network(21), ClassSet.VOC)) {
      float[] seen = new Predictor(network, 0).probabilities(image);
      float[] agreed = teacher.agreed(image, new Scores(List.of(12, 9), given, 6, 4)).values();
      for (int p = 0; p < 24; p++) {
        float all = seen[p] + seen[12 * 24 + p] + seen[9 * 24 + p];
        assertThat(agreed[p]).isCloseTo((given[p] + seen[12 * 24 + p] / all) / 2, within(1e-6f));
        assertThat(agreed[24 + p]).isCloseTo(seen[9 * 24 + p] / all / 2, within(1e-6f));
      }
      assertThat(teacher.agreed(image, new Scores(List.of(), new float[0], 6, 4)).labels())
          .isEmpty();
    }
  }

  @Test
  void theTeacherSeesImagesAsLargeAsItWasTrainedOn() throws IOException {
    BufferedImage image = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
    image.setRGB(20, 10, 0xFF8020);
    int pixels = 48 * 32;
    try (DeepLabV3 network = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 21, 1);
        Teacher teacher = Teacher.load(network(21, trainedAt(64)), ClassSet.VOC)) {
      float[] seen = new Predictor(network, 64).probabilities(image);
      Scores given = new Scores(List.of(12), new float[pixels], 48, 32);
      float[] agreed = teacher.agreed(image, given).values();
      for (int p = 0; p < pixels; p++) {
        float share = seen[12 * pixels + p] / (seen[p] + seen[12 * pixels + p]);
        assertThat(agreed[p]).isCloseTo(share / 2, within(1e-6f));
      }
    }
  }

  @Test
  void aTeacherOfAnImpossibleSizeIsRefused() throws IOException {
    Path file = network(21, trainedAt(99999));
    assertThatThrownBy(() -> Teacher.load(file, ClassSet.VOC))
        .isInstanceOf(WeightsException.class)
        .hasMessage(file + ": its metadata is damaged: base_size is 99999; expected 2 to 4096");
  }

  @Test
  void aTeacherOfOtherNamesIsRefused() throws IOException {
    Map<String, String> others = new HashMap<>(trainedAt(64));
    others.put("classes", "[\"background\", \"cup\"]");
    Path file = network(21, others);
    assertThatThrownBy(() -> Teacher.load(file, ClassSet.VOC))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tells other classes apart")
        .hasMessageContaining("background, cup");
  }

  private static Map<String, String> trainedAt(int baseSize) {
    return Map.of(
        "format", "syntagen-segmenter",
        "classes", "[]",
        "training", "{\"base_size\": " + baseSize + "}",
        "iterations", "1",
        "dataset_fingerprint", "",
        "model_fingerprint", "");
  }

  @Test
  void theTeacherIsRecorded() throws IOException {
    Path scenes = folder.resolve("scenes");
    CommandLineTest.run("scenes", "--out", scenes, "--count", 1, "--size", 64).succeeds();
    Path out = folder.resolve("out");
    CommandLineTest.run("label", "--data", scenes, "--out", out, "--teacher", network(21))
        .succeeds();
    assertThat(Dataset.open(out).size()).isEqualTo(1);
    assertThat(Files.readString(out.resolve("dataset.json"))).contains("\"teacher\"");
  }

  @Test
  void aTeacherOfOtherClassesIsRefused() throws IOException {
    Path scenes = folder.resolve("scenes");
    CommandLineTest.run("scenes", "--out", scenes, "--count", 1, "--size", 64).succeeds();
    Path out = folder.resolve("out");
    CommandLineTest.run("label", "--data", scenes, "--out", out, "--teacher", network(3))
        .fails(2, "the network tells 3 classes apart, the images' set has 21");
    assertThat(out).doesNotExist();
  }
}
