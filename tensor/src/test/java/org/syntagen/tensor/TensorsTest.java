package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TensorsTest {
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
  void valuesMustFillTheShape() {
    assertThatThrownBy(() -> Tensors.of(new float[] {1, 2, 3}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 values for a tensor of shape []");
    assertThatThrownBy(() -> Tensors.of(new long[] {1, 2, 3}, 2, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tensors.of(new byte[] {1, 2, 3}, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Tensors.floats(Tensors.of(new float[] {5}))).containsExactly(5);
  }

  @Test
  void tensorsMayBeEmpty() {
    assertThat(Tensors.floats(Tensors.of(new float[0], 0, 3))).isEmpty();
    assertThat(Tensors.longs(Tensors.of(new long[0], 0))).isEmpty();
    assertThat(Tensors.bytes(Tensors.of(new byte[0], 2, 0))).isEmpty();
  }

  @Test
  void readingFollowsRowsWhateverTheLayout() {
    Tensor x = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    assertThat(Tensors.floats(x.transpose(0, 1))).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(Tensors.shape(x.transpose(0, 1))).containsExactly(3, 2);
    Tensor image = Tensors.range(12).reshape(1, 3, 2, 2);
    assertThat(Tensors.floats(Ops.channelsLast(image))).containsExactly(Tensors.floats(image));
  }
}
