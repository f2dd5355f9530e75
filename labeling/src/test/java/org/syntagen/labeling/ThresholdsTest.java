package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;

class ThresholdsTest {
  private static final BufferedImage IMAGE = new BufferedImage(4, 1, BufferedImage.TYPE_INT_RGB);

  @Test
  void theStrongestClassWinsAndWeakPixelsAreVoidOrBackground() {
    float[] values = {0.9f, 0.65f, 0.55f, 0.1f, 0.2f, 0.8f, 0.5f, 0.49f};
    Scores scores = new Scores(List.of(12, 11), values, 4, 1);
    assertThat(new Thresholds(0.6, 0.5).label(scores, IMAGE).labels())
        .containsExactly(12, 11, ClassSet.VOID, 0);
  }

  @Test
  void withoutClassesAllIsBackground() {
    Scores scores = new Scores(List.of(), new float[0], 4, 1);
    assertThat(new Thresholds(0.6, 0.5).label(scores, IMAGE).labels()).containsOnly(0);
  }

  @Test
  void thresholdsInTheWrongOrderAreRefused() {
    assertThatThrownBy(() -> new Thresholds(0.5, 0.6)).hasMessageContaining("uncertain");
  }

  @Test
  void scoresOfAnotherSizeAreRefused() {
    assertThatThrownBy(() -> new Scores(List.of(12), new float[3], 4, 1))
        .hasMessageContaining("4 × 1");
  }
}
