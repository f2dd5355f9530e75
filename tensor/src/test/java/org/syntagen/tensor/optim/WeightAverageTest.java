package org.syntagen.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;

class WeightAverageTest {

  @Test
  void itMovesByOneMinusTheDecayWhichWarmsUp() {
    try (StateDict weights = new StateDict("test")) {
      weights.put("a", Tensors.full(11, 1));
      WeightAverage average = WeightAverage.startingAt(weights, 0.5);
      try (StateDict mean = average.average()) {
        Ops.addInPlace(weights.get("a"), Tensors.full(11, 1), 1); // 22; the average must not follow
        assertThat(value(mean)).isEqualTo(11);
        average.update(weights, 1); // decay 2/11: 11·2/11 + 22·9/11
        assertThat(value(mean)).isCloseTo(20, within(1e-5f));
        average.update(weights, 2); // decay 3/12
        assertThat(value(mean)).isCloseTo(20 * 0.25f + 22 * 0.75f, within(1e-5f));
        average.update(weights, 1000); // decay 0.5, not 1001/1010
        assertThat(value(mean)).isCloseTo(21.75f, within(1e-5f));
      }
    }
  }

  @Test
  void anEarlierAverageIsContinued() {
    try (StateDict weights = new StateDict("test");
        StateDict before = new StateDict("test")) {
      weights.put("a", Tensors.full(4, 1));
      before.put("a", Tensors.full(2, 1));
      new WeightAverage(before, 0.5).update(weights, 1000);
      assertThat(value(before)).isEqualTo(3);
    }
  }

  private static float value(StateDict state) {
    return Tensors.floats(state.get("a"))[0];
  }
}
