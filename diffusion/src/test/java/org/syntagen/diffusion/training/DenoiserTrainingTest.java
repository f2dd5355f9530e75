package org.syntagen.diffusion.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DenoiserTrainingTest {
  @Test
  void timestepsOfABatchAreEvenlySpacedAfterTheFirst() {
    assertThat(DenoiserTraining.spread(0.6, 4, 1000)).containsExactly(600, 850, 100, 350);
  }

  @Test
  void everyTimestepIsReachedAndNoOther() {
    boolean[] seen = new boolean[50];
    for (int i = 0; i < 1000; i++) {
      for (long timestep : DenoiserTraining.spread(i / 1000.0, 8, seen.length)) {
        seen[(int) timestep] = true;
      }
    }
    assertThat(seen).containsOnly(true);
  }
}
