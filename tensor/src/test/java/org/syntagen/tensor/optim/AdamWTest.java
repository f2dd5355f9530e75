package org.syntagen.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;

class AdamWTest {
  private static final int SIZE = 7;
  private static final int STEPS = 6;

  /** The algorithm of torch.optim.AdamW's documentation, one number at a time. */
  private static final class Twin {
    private final double[] p;
    private final double[] m = new double[SIZE];
    private final double[] v = new double[SIZE];

    private Twin(float[] start) {
      p = doubles(start);
    }

    private void step(int t, double rate, double decay, double[] gradient) {
      for (int i = 0; i < SIZE; i++) {
        p[i] -= rate * decay * p[i];
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i];
        double mean = m[i] / (1 - Math.pow(0.9, t));
        double square = v[i] / (1 - Math.pow(0.999, t));
        p[i] -= rate * mean / (Math.sqrt(square) + 1e-8);
      }
    }
  }

  /** Gradients have a norm of about 3.7, so the middle bound clips some steps. */
  @ParameterizedTest
  @CsvSource({"0, 1e9", "0.01, 1e9", "0.3, 3.5", "0.01, 0.1"})
  void itFollowsASlowTwin(double decay, double maxNorm) {
    Random random = new Random(4);
    float[][] start = {floats(random), floats(random)};
    Twin[] twins = {new Twin(start[0]), new Twin(start[1])};
    try (StateDict weights = weights(start);
        StateDict leaves = weights.sharedLeaves();
        StateDict state = new StateDict("adam")) {
      AdamW optimiser = new AdamW(leaves, state, decay);
      for (int t = 1; t <= STEPS; t++) {
        double rate = 0.01 * t;
        float[][] gradients = {floats(random), floats(random)};
        backward(leaves, gradients);
        optimiser.step(t, rate, maxNorm);

        double expected = 0;
        for (float[] gradient : gradients) {
          for (float g : gradient) {
            expected += (double) g * g;
          }
        }
        expected = Math.sqrt(expected);
        double factor = Math.min(1, maxNorm / (expected + 1e-6));
        for (int i = 0; i < twins.length; i++) {
          double[] clipped = doubles(gradients[i]);
          for (int j = 0; j < SIZE; j++) {
            clipped[j] *= factor;
          }
          twins[i].step(t, rate, decay, clipped);
          assertThat(doubles(Tensors.floats(weights.get("p" + i))))
              .containsExactly(twins[i].p, within(2e-6));
          assertThat(leaves.get("p" + i).grad().defined()).isFalse();
        }
      }
    }
  }

  /** Cut into slices or not, each number moves by itself. */
  @ParameterizedTest
  @CsvSource({"1000, 97", "3, 40000", "70001, 1", "1, 1"})
  void numbersOfLargeTensorsMoveAsThoseOfSmallOnes(int rows, int columns) {
    Random random = new Random(3);
    float[] start = new float[rows * columns];
    float[] gradient = new float[rows * columns];
    for (int i = 0; i < start.length; i++) {
      start[i] = (float) random.nextGaussian();
      gradient[i] = (float) random.nextGaussian();
    }
    int[] looked = {0, start.length / 2, start.length - 1};
    float[] moved = step(start, gradient, rows, columns);
    for (int i : looked) {
      assertThat(moved[i])
          .isEqualTo(step(new float[] {start[i]}, new float[] {gradient[i]}, 1, 1)[0]);
    }
    for (int i = 0; i < moved.length; i++) {
      assertThat(moved[i] != start[i]).as("number %d moved", i).isTrue();
    }
  }

  private static float[] step(float[] start, float[] gradient, int rows, int columns) {
    try (StateDict weights = new StateDict("test");
        StateDict state = new StateDict("adam")) {
      weights.put("p", Scope.compute(() -> Tensors.of(start, rows, columns)));
      try (StateDict leaves = weights.sharedLeaves();
          Scope scope = new Scope()) {
        Tensors.of(gradient, rows, columns).mul(leaves.get("p")).sum().backward();
        new AdamW(leaves, state, 0.01).step(1, 0.1, 1e9);
        return Tensors.floats(weights.get("p"));
      }
    }
  }

  @Test
  void aRunResumedFromItsStateEndsInTheSameBits() {
    float[] straight = run(STEPS, false);
    assertThat(run(STEPS, true)).containsExactly(straight);
  }

  private static float[] run(int steps, boolean resume) {
    Random random = new Random(8);
    try (StateDict weights = weights(floats(random), floats(random));
        StateDict leaves = weights.sharedLeaves();
        StateDict state = new StateDict("adam")) {
      AdamW optimiser = new AdamW(leaves, state, 0.01);
      for (int t = 1; t <= steps; t++) {
        if (resume && t == 3) {
          StateDict saved = state.copy(Dtype.F32);
          optimiser = new AdamW(leaves, saved, 0.01);
        }
        backward(leaves, floats(random), floats(random));
        optimiser.step(t, 0.01, 1);
      }
      return Tensors.floats(weights.get("p1"));
    }
  }

  @Test
  void aParameterWithoutAGradientIsLeftAlone() {
    float[] start = floats(new Random(1));
    try (StateDict weights = weights(start, start);
        StateDict leaves = weights.sharedLeaves();
        StateDict state = new StateDict("adam")) {
      AdamW optimiser = new AdamW(leaves, state, 0.5);
      assertThat(state.names()).containsExactly("m.p0", "v.p0", "m.p1", "v.p1");
      backward(leaves, start);
      optimiser.step(1, 0.1, 1);
      assertThat(Tensors.floats(weights.get("p0"))).isNotEqualTo(start);
      assertThat(Tensors.floats(weights.get("p1"))).containsExactly(start);
    }
  }

  /** Gives each leaf the gradient asked for, through a loss that is linear in it. */
  private static void backward(StateDict leaves, float[]... gradients) {
    for (int i = 0; i < gradients.length; i++) {
      try (Scope scope = new Scope()) {
        Tensor slope = Tensors.of(gradients[i], SIZE);
        leaves.get("p" + i).mul(slope).sum().backward();
      }
    }
  }

  private static StateDict weights(float[]... values) {
    StateDict weights = new StateDict("test");
    for (int i = 0; i < values.length; i++) {
      weights.put("p" + i, Tensors.of(values[i], SIZE));
    }
    return weights;
  }

  private static float[] floats(Random random) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** Adam's first step moves every number by the learning rate. */
  @Test
  void parametersMoveAtTheirMultipleOfTheRate() {
    float[] ones = {1, 1, 1, 1, 1, 1, 1};
    try (StateDict weights = weights(ones, ones);
        StateDict leaves = weights.sharedLeaves();
        StateDict state = new StateDict("adam")) {
      AdamW optimiser = new AdamW(leaves.toMap(), name -> name.equals("p0") ? 1 : 0.1, state, 0);
      backward(leaves, ones, ones);
      optimiser.step(1, 0.5, 1e9);
      assertThat(Tensors.floats(weights.get("p0"))[0]).isCloseTo(0.5f, within(1e-5f));
      assertThat(Tensors.floats(weights.get("p1"))[0]).isCloseTo(0.95f, within(1e-5f));
    }
  }
}
