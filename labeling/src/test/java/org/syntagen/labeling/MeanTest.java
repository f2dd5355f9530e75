package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeanTest {
  @Test
  void aClassThatAttentionCannotScoreHasHalfOfTheOtherScore() {
    Scores attention = new Scores(List.of(9), new float[] {1, 0.5f}, 2, 1);
    Scores denoising = new Scores(List.of(12, 9), new float[] {0.8f, 0.2f, 0, 1}, 2, 1);
    Scores mean = Mean.mean(attention, denoising);
    assertThat(mean.labels()).containsExactly(12, 9);
    assertThat(mean.values()).containsExactly(0.4f, 0.1f, 0.5f, 0.75f);
  }
}
