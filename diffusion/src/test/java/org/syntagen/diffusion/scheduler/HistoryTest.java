package org.syntagen.diffusion.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

class HistoryTest {
  @Test
  void itKeepsTheLatestAcrossScopesAndFreesTheRest() {
    List<Tensor> made = new ArrayList<>();
    History history = new History(2);
    for (int i = 0; i < 3; i++) {
      try (Scope scope = new Scope()) {
        made.add(Tensors.full(i, 1));
        history.add(made.get(i));
      }
    }
    assertThat(history.size()).isEqualTo(2);
    assertThat(Tensors.floats(history.get(0))).containsExactly(2);
    assertThat(Tensors.floats(history.get(1))).containsExactly(1);
    assertThat(made).extracting(tensor -> tensor.isNull()).containsExactly(true, false, false);

    history.close();
    assertThat(history.size()).isZero();
    assertThat(made).allMatch(tensor -> tensor.isNull());
  }
}
