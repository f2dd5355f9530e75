package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;

class EvaluatorTest {
  private static final ClassSet CLASSES = ClassSet.of(List.of("background", "red", "green"));
  private static DeepLabV3 model;

  @BeforeAll
  static void buildModel() {
    model = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 11);
  }

  @AfterAll
  static void freeModel() {
    model.close();
  }

  @Test
  void theMatrixIsThatOfThePredictionsItReturns() {
    List<LabeledImage> images = Pictures.squares(5, 40, 3, 2);
    List<LabeledImage> shown = new ArrayList<>();
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    BoundaryIou boundary = new BoundaryIou(3);
    EvaluationResult result =
        new Evaluator(CLASSES, 2)
            .evaluate(
                new Predictor(model, 0),
                LabeledImages.of(images),
                (image, labels) -> {
                  shown.add(image);
                  matrix.add(image.labels(), labels.labels());
                  boundary.add(image.mask(), labels);
                });
    assertThat(shown).isEqualTo(images);
    assertThat(result.metrics()).isEqualTo(Metrics.of(matrix, CLASSES));
    assertThat(result.boundary().mean()).isEqualTo(boundary.mean());
    assertThat(result.calibration().bins().stream().mapToLong(Calibration.Bin::pixels).sum())
        .isEqualTo(5 * 40 * 40);
    assertThat(result.images()).isEqualTo(5);
  }

  @Test
  void theBaselineCallsEveryPixelBackground() {
    byte[] labels = new byte[400];
    Arrays.fill(labels, 0, 100, (byte) 1);
    Arrays.fill(labels, 100, 180, (byte) 255);
    LabeledImage image = new LabeledImage("quarter", 20, 20, new byte[1200], labels);
    Metrics baseline =
        new Evaluator(CLASSES)
            .evaluate(
                new Predictor(model, 0), LabeledImages.of(List.of(image)), (shown, found) -> {})
            .baseline();
    assertThat(baseline.classes().get(0).iou()).hasValue(220.0 / 320);
    assertThat(baseline.classes().get(1).iou()).hasValue(0);
    assertThat(baseline.classes().get(2).iou()).isEmpty();
    assertThat(baseline.meanIou()).isCloseTo(220.0 / 320 / 2, within(1e-12));
  }

  @Test
  void predictionsHaveTheSizeOfTheImageWhateverTheNetworkSees() {
    LabeledImage image = new LabeledImage("wide", 50, 30, new byte[3 * 50 * 30], new byte[50 * 30]);
    for (int side : new int[] {0, 16, 64}) {
      LabelMap labels = new Predictor(model, side).predict(image);
      assertThat(labels.width()).isEqualTo(50);
      assertThat(labels.height()).isEqualTo(30);
    }
  }

  @Test
  void predictionsDoNotDependOnTheBatch() {
    List<LabeledImage> images = Pictures.squares(4, 40, 3, 3);
    Predictor predictor = new Predictor(model, 0);
    List<Predictor.Prediction> together = predictor.predict(images);
    int different = 0;
    for (int i = 0; i < 4; i++) {
      byte[] alone = predictor.predict(images.get(i)).labels();
      for (int at = 0; at < alone.length; at++) {
        different += alone[at] == together.get(i).labels().labels()[at] ? 0 : 1;
      }
    }
    assertThat(different).as("pixels that rounding tipped").isLessThan(4);
  }

  @Test
  void wrongInputIsNamedInOneLine() {
    assertRefused(CLASSES, List.of(), "there is no image to evaluate on; expected at least one");
    assertRefused(
        ClassSet.VOC,
        Pictures.squares(1, 20, 3, 1),
        "the checkpoint tells 3 classes apart, the masks have 21");
    LabeledImage foreign =
        new LabeledImage("foreign", 20, 20, new byte[1200], filled(400, (byte) 3));
    assertRefused(CLASSES, List.of(foreign), "the mask of foreign: label 3");
    LabeledImage empty = new LabeledImage("void", 20, 20, new byte[1200], filled(400, (byte) 255));
    assertRefused(CLASSES, List.of(empty), "every pixel of the masks is void");
    assertThatThrownBy(() -> new Predictor(model, 0, List.of(1.0, 0.0), false))
        .isInstanceOf(InputException.class)
        .hasMessage("the scales are [1.0, 0.0]; expected one or more from 0.1 to 10");
  }

  private static void assertRefused(ClassSet classes, List<LabeledImage> images, String message) {
    Evaluator evaluator = new Evaluator(classes);
    Predictor predictor = new Predictor(model, 0);
    assertThatThrownBy(
            () -> evaluator.evaluate(predictor, LabeledImages.of(images), (image, labels) -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void mirroredAndEnlargedViewsAreAveraged() {
    List<LabeledImage> images = Pictures.squares(1, 32, 3, 6);
    try (DeepLabV3 vivid = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 11)) {
      FormulaWeights.fill(vivid.state());
      Predictor once = new Predictor(vivid, 0);
      Predictor twice = new Predictor(vivid, 0, List.of(1.0), true);
      float[] plain = once.predict(images).get(0).probabilities();
      float[] both = twice.predict(images).get(0).probabilities();
      LabeledImage mirrored = mirrored(images.get(0));
      float[] ofMirrored = twice.predict(List.of(mirrored)).get(0).probabilities();
      assertThat(both).isNotEqualTo(plain);
      for (int at = 0; at < both.length; at++) {
        assertThat(both[at])
            .as("both views of either are the same two")
            .isCloseTo(ofMirrored[at - at % 32 + 31 - at % 32], within(1e-4f));
      }
      LabelMap scaled = new Predictor(vivid, 0, List.of(0.5, 1.5), false).predict(images.get(0));
      assertThat(scaled.width()).isEqualTo(32);
    }
  }

  private static LabeledImage mirrored(LabeledImage image) {
    byte[] rgb = new byte[image.rgb().length];
    for (int i = 0; i < image.labels().length; i++) {
      int from = i - i % image.width() + image.width() - 1 - i % image.width();
      System.arraycopy(image.rgb(), 3 * from, rgb, 3 * i, 3);
    }
    return new LabeledImage("mirrored", image.width(), image.height(), rgb, image.labels());
  }

  private static byte[] filled(int length, byte value) {
    byte[] values = new byte[length];
    Arrays.fill(values, value);
    return values;
  }
}
