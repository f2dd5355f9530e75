package org.syntagen.diffusion.unet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.diffusion.Corner;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

class TimestepEmbeddingTest {

  /** Stable Diffusion's row of diffusers' tests/models/test_layers_utils.py, ± 1e-3 there. */
  @Test
  void sinusoidsAreThoseOfUpstream() {
    try (Scope scope = new Scope()) {
      Tensor sinusoids = TimestepEmbedding.sinusoids(Tensors.range(128), 64);
      assertThat(Tensors.shape(sinusoids)).containsExactly(128, 64);
      assertThat(Tensors.floats(sinusoids.narrow(0, 23, 3).narrow(1, 47, 3)))
          .containsExactly(
              Corner.numbers(".3019 .2280 .1716 .3146 .2377 .1790 .3272 .2474 .1864"),
              within(1e-4f));
    }
  }

  @Test
  void cosinesComeFirstAndTheFirstFrequencyIsOne() {
    try (Scope scope = new Scope()) {
      float[] row = Tensors.floats(TimestepEmbedding.sinusoids(Tensors.full(3, 1), 4));
      float[] expected = {
        (float) Math.cos(3), (float) Math.cos(0.03), (float) Math.sin(3), (float) Math.sin(0.03)
      };
      assertThat(row).containsExactly(expected, within(1e-6f));
    }
  }
}
