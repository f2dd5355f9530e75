package org.syntagen.tensor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;

class BatchNorm2dTest {

  @Test
  void trainingUsesTheBatchAndEvaluationTheRunningStatistics() {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(0)) {
      Weights weights = Weights.random(noise);
      BatchNorm2d norm = BatchNorm2d.of(weights, 1);
      Tensor x = Tensors.of(new float[] {1, 2, 3, 6}, 2, 1, 1, 2); // mean 3, variance 3.5 (biased)
      double deviation = Math.sqrt(3.5 + 1e-5);
      assertThat(Tensors.floats(norm.forward(x, true)))
          .containsExactly(values(deviation, -2, -1, 0, 3), within(1e-5f));
      try (StateDict state = weights.state()) {
        assertThat(Tensors.floats(state.get("running_mean")))
            .containsExactly(values(1, 0.3), within(1e-6f));
        // The running variance is the unbiased one: 14/3.
        assertThat(Tensors.floats(state.get("running_var")))
            .containsExactly(values(1, 0.9 + 0.1 * 14 / 3), within(1e-5f));
        assertThat(Tensors.longs(state.get("num_batches_tracked"))).containsExactly(1);

        double running = Math.sqrt(0.9 + 0.1 * 14 / 3 + 1e-5);
        assertThat(Tensors.floats(norm.forward(x, false)))
            .containsExactly(values(running, 0.7, 1.7, 2.7, 5.7), within(1e-5f));
        assertThat(Tensors.longs(state.get("num_batches_tracked"))).containsExactly(1);
      }
    }
  }

  @Test
  void buffersAreToldFromParametersByName() {
    assertThat(BatchNorm2d.isBuffer("layer1.0.bn1.running_mean")).isTrue();
    assertThat(BatchNorm2d.isBuffer("layer1.0.bn1.running_var")).isTrue();
    assertThat(BatchNorm2d.isBuffer("layer1.0.bn1.num_batches_tracked")).isTrue();
    assertThat(BatchNorm2d.isBuffer("layer1.0.bn1.weight")).isFalse();
  }

  private static float[] values(double divisor, double... numerators) {
    float[] values = new float[numerators.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (numerators[i] / divisor);
    }
    return values;
  }
}
