package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final double EXACT = 1e-12;
  private static final ClassSet CLASSES = ClassSet.of(List.of("background", "cat", "dog", "horse"));

  /**
   * Ten pixels: truth 5 background, 3 cat, 2 dog, 0 horse. Right: 4 background, 2 cat, 0 dog. One
   * background pixel is called cat, one cat background, both dogs cat.
   */
  private static Metrics tenPixels() {
    ConfusionMatrix matrix = new ConfusionMatrix(4);
    matrix.add(
        new byte[] {0, 0, 0, 0, 0, 1, 1, 1, 2, 2}, new byte[] {0, 0, 0, 0, 1, 1, 1, 0, 1, 1});
    return Metrics.of(matrix, CLASSES);
  }

  @Test
  void intersectionOverUnionIsThatComputedByHand() {
    Metrics metrics = tenPixels();
    assertThat(metrics.classes().get(0).iou()).hasValue(4.0 / 6); // 5 + 5 − 4
    assertThat(metrics.classes().get(1).iou()).hasValue(2.0 / 6); // 3 + 5 − 2
    assertThat(metrics.classes().get(2).iou()).hasValue(0);
    assertThat(metrics.classes().get(1).name()).isEqualTo("cat");
    assertThat(metrics.classes().get(1).truthPixels()).isEqualTo(3);
    assertThat(metrics.classes().get(1).predictedPixels()).isEqualTo(5);
  }

  @Test
  void aClassThatNeitherTruthNorPredictionShowsIsLeftOutOfTheMean() {
    Metrics metrics = tenPixels();
    assertThat(metrics.classes().get(3).iou()).isEmpty();
    assertThat(metrics.meanIou()).isCloseTo((4.0 / 6 + 2.0 / 6 + 0) / 3, within(EXACT));
  }

  @Test
  void aClassThatIsOnlyPredictedCountsAsZero() {
    ConfusionMatrix matrix = new ConfusionMatrix(4);
    matrix.add(new byte[] {0, 0}, new byte[] {0, 3});
    Metrics metrics = Metrics.of(matrix, CLASSES);
    assertThat(metrics.classes().get(3).iou()).hasValue(0);
    assertThat(metrics.meanIou()).isCloseTo((0.5 + 0) / 2, within(EXACT));
    assertThat(metrics.meanAccuracy()).as("horse is not in the truth").isEqualTo(0.5);
  }

  @Test
  void accuraciesAreThoseComputedByHand() {
    Metrics metrics = tenPixels();
    assertThat(metrics.pixelAccuracy()).isCloseTo(0.6, within(EXACT));
    assertThat(metrics.meanAccuracy()).isCloseTo((4.0 / 5 + 2.0 / 3 + 0) / 3, within(EXACT));
    assertThat(metrics.frequencyWeightedIou())
        .isCloseTo(0.5 * 4 / 6 + 0.3 * 2 / 6 + 0, within(EXACT));
  }

  @Test
  void aSetIsScoredAsAWholeAndNotAsAMeanOverImages() {
    ConfusionMatrix matrix = new ConfusionMatrix(4);
    matrix.add(new byte[] {1}, new byte[] {1});
    matrix.add(new byte[] {1, 1, 1}, new byte[] {0, 0, 0});
    assertThat(Metrics.of(matrix, CLASSES).classes().get(1).iou()).hasValue(0.25);
  }

  @Test
  void nothingCountedIsNoScore() {
    assertThatThrownBy(() -> Metrics.of(new ConfusionMatrix(4), CLASSES))
        .hasMessageContaining("no pixel was counted");
  }
}
