package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hand-computed values where a signature hides a choice: rounding, order, ties, alignment. */
class OpsTest {
  private Scope scope;

  @BeforeEach
  void open() {
    scope = new Scope();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void bytesAreRoundedAndClamped() {
    Tensor x = Tensors.of(new float[] {-1, 0, 0.5f / 255 + 1e-6f, 0.5f, 254.4f / 255, 1, 2}, 7);
    assertThat(Tensors.bytes(Ops.toBytes(x)))
        .containsExactly(0, 0, 1, (byte) 128, (byte) 254, (byte) 255, (byte) 255);
  }

  @Test
  void aCopyNeverSharesMemory() {
    Tensor x = Tensors.full(1, 2);
    Tensor same = Tensors.to(x, Dtype.F32);
    Tensor copy = Tensors.copy(x, Dtype.F32);
    Ops.addInPlace(x, Tensors.full(1, 2), 2);
    assertThat(Tensors.floats(same)).containsExactly(3, 3);
    assertThat(Tensors.floats(copy)).containsExactly(1, 1);
  }

  @Test
  void arithmeticInPlaceChangesItsFirstArgument() {
    Tensor x = Tensors.full(2, 1);
    assertThat(Ops.scaleInPlace(x, 3)).isSameAs(x);
    Ops.lerpInPlace(x, Tensors.full(10, 1), 0.25); // 7
    Ops.addProductInPlace(x, Tensors.full(2, 1), Tensors.full(3, 1), 0.5); // 10
    Ops.addQuotientInPlace(x, Tensors.full(9, 1), Tensors.full(3, 1), -1); // 7
    assertThat(Tensors.floats(x)).containsExactly(7);
  }

  @Test
  void paddingIsGivenLeftRightTopBottom() {
    Tensor x = Tensors.full(1, 1, 1, 1, 1);
    Tensor padded = Ops.pad(x, 0, 2, 1, 0);
    assertThat(Tensors.shape(padded)).containsExactly(1, 1, 2, 3);
    assertThat(Tensors.floats(padded)).containsExactly(0, 0, 0, 1, 0, 0);
  }

  @Test
  void chunksAreViewsInOrder() {
    Tensor x = Tensors.range(4).reshape(1, 4);
    Tensor[] halves = Ops.chunk(x, 2, 1);
    Ops.scaleInPlace(halves[1], 10);
    assertThat(Tensors.floats(halves[0])).containsExactly(0, 1);
    assertThat(Tensors.floats(x)).containsExactly(0, 1, 20, 30);
  }

  @Test
  void theFirstLargestElementWins() {
    Tensor x = Tensors.of(new float[] {1, 3, 3, 2, 2, 2}, 2, 3);
    assertThat(Tensors.longs(Ops.argmax(x, 1))).containsExactly(1, 0);
  }

  @Test
  void aQuantileLiesBetweenTwoElements() {
    Tensor x = Tensors.of(new float[] {4, 1, 3, 2}, 1, 4);
    assertThat(Tensors.floats(Ops.quantile(x, 0.5, 1))).containsExactly(2.5f);
  }

  @Test
  void anAreaBecomesItsMean() {
    float[] values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    assertThat(Tensors.floats(Ops.resizeArea(Tensors.of(values, 1, 1, 4, 4), 2, 2)))
        .containsExactly(3.5f, 5.5f, 11.5f, 13.5f);
  }

  /** Waves of different lengths vary independently, along directions of a Hadamard matrix. */
  @Test
  void principalComponentsAreTheStrongestDirections() {
    double[] strengths = {0.1, 5, 1, 3};
    float[] rows = new float[40 * 4];
    for (int i = 0; i < 40; i++) {
      for (int j = 0; j < 4; j++) {
        rows[i * 4 + j] = 7; // the mean is no direction
        for (int wave = 0; wave < 4; wave++) {
          double sign = Integer.bitCount(j & wave) % 2 == 0 ? 0.5 : -0.5;
          rows[i * 4 + j] += (float) (sign * strengths[wave] * wave(wave, i));
        }
      }
    }
    float[] found = Tensors.floats(Ops.principalComponents(Tensors.of(rows, 1, 1, 40, 4), 3));
    int[] ascending = {2, 3, 1};
    for (int column = 0; column < 3; column++) {
      float sign = Math.signum(found[column]);
      for (int i = 0; i < 40; i++) {
        assertThat((double) sign * found[i * 3 + column])
            .isCloseTo(strengths[ascending[column]] * wave(ascending[column], i), within(1e-4));
      }
    }
    assertThat(Tensors.shape(Ops.principalComponents(Tensors.of(rows, 1, 2, 40, 2), 3)))
        .containsExactly(1, 2, 40, 2);
  }

  private static double wave(int wave, int i) {
    return Math.cos(Math.PI * (wave + 1) * (i + 0.5) / 40);
  }

  @Test
  void resizingDoesNotAlignCorners() {
    Tensor x = Tensors.of(new float[] {0, 4}, 1, 1, 1, 2);
    assertThat(Tensors.floats(Ops.resizeBilinear(x, 1, 4))).containsExactly(0, 1, 3, 4);
    assertThat(Tensors.floats(Ops.upsampleNearest2x(x))).containsExactly(0, 0, 4, 4, 0, 0, 4, 4);
    assertThat(Tensors.floats(Ops.upsampleNearest(x, 1, 3))).containsExactly(0, 0, 4);
    // a = −0.75; the second pixel overshoots less than the first.
    assertThat(Tensors.floats(Ops.resizeBicubic(x, 1, 4)))
        .containsExactly(new float[] {-0.421875f, 0.90625f, 3.09375f, 4.421875f}, within(1e-5f));
  }

  @Test
  void activationsAreTheExactOnes() {
    Tensor x = Tensors.of(new float[] {1}, 1);
    assertThat(Tensors.floats(Ops.gelu(x)))
        .containsExactly(new float[] {0.8413447f}, within(1e-6f));
    assertThat(Tensors.floats(Ops.quickGelu(x)))
        .containsExactly(new float[] {0.8457958f}, within(1e-6f));
    assertThat(Tensors.floats(Ops.silu(x)))
        .containsExactly(new float[] {0.7310586f}, within(1e-6f));
  }

  @Test
  void attentionWeightsAreAMaskedSoftmaxOfScaledProducts() {
    Tensor q = Tensors.of(new float[] {1, 2}, 1, 1, 2);
    Tensor k = Tensors.of(new float[] {1, 0, 0, 1, 3, 3}, 1, 3, 2);
    double a = Math.exp(0.5);
    double b = Math.exp(1);
    double c = Math.exp(4.5);
    assertThat(Tensors.floats(Ops.attentionWeights(q, k, 0.5, null)))
        .containsExactly(
            new float[] {
              (float) (a / (a + b + c)), (float) (b / (a + b + c)), (float) (c / (a + b + c))
            },
            within(1e-6f));
    Tensor mask = Tensors.of(new float[] {0, 0, Float.NEGATIVE_INFINITY}, 1, 1, 3);
    assertThat(Tensors.floats(Ops.attentionWeights(q, k, 0.5, mask)))
        .containsExactly(
            new float[] {(float) (a / (a + b)), (float) (b / (a + b)), 0}, within(1e-6f));
  }

  @Test
  void attentionIsTheWeightedMeanOfTheValues() {
    try (SeededNoise noise = new SeededNoise(3)) {
      Tensor q = noise.normal(2, 3, 33, 8);
      Tensor k = noise.normal(2, 3, 7, 8);
      Tensor v = noise.normal(2, 3, 7, 8);
      Tensor weights =
          Ops.attentionWeights(q.flatten(0, 1), k.flatten(0, 1), 1 / Math.sqrt(8), null);
      float[] expected = Tensors.floats(Ops.bmm(weights, v.flatten(0, 1)));
      assertThat(Tensors.floats(Ops.attention(q, k, v))).containsExactly(expected, within(2e-6f));
    }
  }

  @Test
  void aLargeLinearMapIsTheSameAsASmallOneOfEachRow() {
    try (SeededNoise noise = new SeededNoise(4)) {
      Tensor x = noise.normal(2, 1024, 256);
      Tensor weight = noise.normal(768, 256);
      Tensor bias = noise.normal(768);
      Tensor all = Ops.linear(x, weight, bias);
      assertThat(Tensors.shape(all)).containsExactly(2, 1024, 768);
      assertThat(all.is_contiguous()).isTrue();
      for (int row : new int[] {0, 1, 1023}) {
        Tensor one = x.select(0, 1).narrow(0, row, 1); // [1, 256]
        assertThat(Tensors.floats(all.select(0, 1).narrow(0, row, 1)))
            .containsExactly(Tensors.floats(Ops.linear(one, weight, bias)), within(1e-4f));
      }
    }
  }

  @Test
  void crossEntropySkipsTheIgnoredLabel() {
    Tensor logits = Tensors.of(new float[] {0, 0, 5, 1, -3, 9}, 3, 2);
    Tensor labels = Tensors.of(new long[] {0, 1, 255}, 3);
    double expected = (Math.log(2) + Math.log(1 + Math.exp(4))) / 2;
    assertThat(Ops.crossEntropy(logits, labels, 255).item_double())
        .isCloseTo(expected, within(1e-6));
  }

  @Test
  void autocastLastsAsLongAsItIsOpen() {
    Tensor a = Tensors.full(1, 2, 2).requires_grad_(true);
    Tensor inside;
    try (Autocast autocast = new Autocast()) {
      inside = Ops.linear(a, a, null);
      assertThat(Dtype.of(inside)).isEqualTo(Dtype.BF16);
    }
    assertThat(Dtype.of(Ops.linear(a, a, null))).isEqualTo(Dtype.F32);
    Tensors.to(inside, Dtype.F32).sum().backward();
    assertThat(Dtype.of(a.grad())).isEqualTo(Dtype.F32);
    assertThat(Tensors.floats(a.grad())).containsOnly(4);
  }

  @Test
  void noGradientsAreRecordedUnderNoGrad() {
    Tensor a = Tensors.full(1, 2).requires_grad_(true);
    try (NoGrad noGrad = new NoGrad()) {
      assertThat(Ops.scale(a, 2).requires_grad()).isFalse();
    }
    assertThat(Ops.cat(List.of(a, a), 0).requires_grad()).isTrue();
  }
}
