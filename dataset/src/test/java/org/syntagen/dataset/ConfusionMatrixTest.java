package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  private static final byte VOID = (byte) 255;

  @Test
  void rowsAreTheTruthAndColumnsThePrediction() {
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    matrix.add(new byte[] {0, 0, 1, 2, 2, 2}, new byte[] {0, 1, 1, 0, 0, 2});
    long[][] expected = {{1, 1, 0}, {0, 1, 0}, {2, 0, 1}};
    for (int truth = 0; truth < 3; truth++) {
      for (int prediction = 0; prediction < 3; prediction++) {
        assertThat(matrix.count(truth, prediction))
            .as("truth %d predicted as %d", truth, prediction)
            .isEqualTo(expected[truth][prediction]);
      }
    }
    assertThat(matrix.truth(2)).isEqualTo(3);
    assertThat(matrix.prediction(0)).isEqualTo(3);
    assertThat(matrix.total()).isEqualTo(6);
  }

  @Test
  void voidPixelsOfTheTruthAreNotCounted() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);
    matrix.add(new byte[] {VOID, 1, VOID}, new byte[] {1, 1, 0});
    assertThat(matrix.total()).isEqualTo(1);
    assertThat(matrix.count(1, 1)).isEqualTo(1);
  }

  @Test
  void countsOfSeveralImagesAddUp() {
    ConfusionMatrix one = new ConfusionMatrix(2);
    one.add(new byte[] {0, 1}, new byte[] {1, 1});
    ConfusionMatrix two = new ConfusionMatrix(2);
    two.add(new byte[] {0, 0}, new byte[] {1, 0});
    one.add(two);
    assertThat(one.count(0, 1)).isEqualTo(2);
    assertThat(one.count(0, 0)).isEqualTo(1);
    assertThat(one.count(1, 1)).isEqualTo(1);
  }

  @Test
  void impossibleLabelsAreRefusedBeforeAnythingIsCounted() {
    ConfusionMatrix matrix = new ConfusionMatrix(21);
    assertThatThrownBy(() -> matrix.add(new byte[] {0, 21}, new byte[] {0, 0}))
        .hasMessage("label 21 predicted as 0: expected 0 to 20, or 255 for a void truth");
    assertThatThrownBy(() -> matrix.add(new byte[] {0, 1}, new byte[] {0, VOID}))
        .hasMessageContaining("label 1 predicted as 255");
    assertThatThrownBy(() -> matrix.add(new byte[] {0}, new byte[] {0, 0}))
        .hasMessage("1 true labels, 2 predicted ones");
    assertThat(matrix.total()).isZero();
  }
}
