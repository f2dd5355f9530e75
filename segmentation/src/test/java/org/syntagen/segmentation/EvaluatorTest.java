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
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;

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
    List<Integer> done = new ArrayList<>();
    EvaluationResult result =
        new Evaluator(CLASSES, 0, 2).evaluate(model, LabeledImages.of(images), 5, done::add);
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    for (int i = 0; i < 5; i++) {
      EvaluationResult.Prediction prediction = result.predictions().get(i);
      assertThat(prediction.image()).isSameAs(images.get(i));
      matrix.add(images.get(i).labels(), prediction.labels().labels());
    }
    assertThat(result.metrics()).isEqualTo(Metrics.of(matrix, CLASSES));
    assertThat(result.images()).isEqualTo(5);
    assertThat(done).containsExactly(2, 4, 5);
  }

  @Test
  void theBaselineCallsEveryPixelBackground() {
    byte[] labels = new byte[400];
    Arrays.fill(labels, 0, 100, (byte) 1);
    Arrays.fill(labels, 100, 180, (byte) 255);
    LabeledImage image = new LabeledImage("quarter", 20, 20, new byte[1200], labels);
    Metrics baseline =
        new Evaluator(CLASSES, 0)
            .evaluate(model, LabeledImages.of(List.of(image)), 0, done -> {})
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
    List<LabelMap> together = predictor.predict(images);
    int different = 0;
    for (int i = 0; i < 4; i++) {
      byte[] alone = predictor.predict(images.get(i)).labels();
      for (int at = 0; at < alone.length; at++) {
        different += alone[at] == together.get(i).labels()[at] ? 0 : 1;
      }
    }
    assertThat(different).as("pixels that rounding tipped").isLessThan(4);
  }

  @Test
  void wrongInputIsNamedInOneLine() {
    Evaluator evaluator = new Evaluator(CLASSES, 0);
    assertThatThrownBy(() -> evaluator.evaluate(model, LabeledImages.of(List.of()), 0, done -> {}))
        .isInstanceOf(InputException.class)
        .hasMessage("there is no image to evaluate on; expected at least one");
    assertThatThrownBy(
            () ->
                new Evaluator(ClassSet.VOC, 0)
                    .evaluate(model, LabeledImages.of(Pictures.squares(1, 20, 3, 1)), 0, d -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tells 3 classes apart, the masks have 21");
    LabeledImage foreign =
        new LabeledImage("foreign", 20, 20, new byte[1200], filled(400, (byte) 3));
    assertThatThrownBy(
            () -> evaluator.evaluate(model, LabeledImages.of(List.of(foreign)), 0, done -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("the mask of foreign: label 3");
    LabeledImage empty = new LabeledImage("void", 20, 20, new byte[1200], filled(400, (byte) 255));
    assertThatThrownBy(
            () -> evaluator.evaluate(model, LabeledImages.of(List.of(empty)), 0, done -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("every pixel of the masks is void");
  }

  private static byte[] filled(int length, byte value) {
    byte[] values = new byte[length];
    Arrays.fill(values, value);
    return values;
  }
}
