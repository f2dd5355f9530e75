package org.syntagen.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;

class SgdTest {

  /** The algorithm of torch.optim.SGD's documentation, one number at a time. */
  @Test
  void itFollowsASlowTwin() {
    double[] start = {1, -2};
    double[] rateFactors = {1, 10};
    double[] p = start.clone();
    double[] velocity = new double[2];
    try (StateDict weights = new StateDict("test");
        StateDict state = new StateDict("sgd")) {
      weights.put("a", Tensors.full(start[0], 1));
      weights.put("b", Tensors.full(start[1], 1));
      try (StateDict leaves = weights.sharedLeaves()) {
        Sgd optimiser =
            new Sgd(
                leaves.toMap(),
                name -> name.equals("a") ? rateFactors[0] : rateFactors[1],
                state,
                0.9,
                0.01);
        for (int step = 0; step < 5; step++) {
          double rate = 0.02 / (step + 1);
          try (Scope scope = new Scope()) { // a² + b², with gradients 2a and 2b
            leaves.get("a").square().add(leaves.get("b").square()).sum().backward();
          }
          optimiser.step(rate, 1e9);
          for (int i = 0; i < 2; i++) {
            double gradient = 2 * p[i] + 0.01 * p[i];
            velocity[i] = step == 0 ? gradient : 0.9 * velocity[i] + gradient;
            p[i] -= rate * rateFactors[i] * velocity[i];
          }
          assertThat(Tensors.floats(weights.get("a"))[0]).isCloseTo((float) p[0], within(1e-5f));
          assertThat(Tensors.floats(weights.get("b"))[0]).isCloseTo((float) p[1], within(1e-5f));
        }
        assertThat(optimiser.state().names()).containsExactlyInAnyOrder("momentum.a", "momentum.b");
      }
    }
  }

  @Test
  void aParameterWithoutAGradientIsLeftAlone() {
    try (StateDict weights = new StateDict("test");
        StateDict state = new StateDict("sgd")) {
      weights.put("a", Tensors.full(3, 1));
      try (StateDict leaves = weights.sharedLeaves()) {
        new Sgd(leaves.toMap(), name -> 1, state, 0.9, 0.5).step(1, 1e9);
        assertThat(Tensors.floats(weights.get("a"))).containsExactly(3);
      }
    }
  }

  @Test
  void largeGradientsAreScaledDownTogether() {
    try (StateDict weights = new StateDict("test");
        StateDict state = new StateDict("sgd")) {
      weights.put("a", Tensors.full(0, 1));
      weights.put("b", Tensors.full(0, 1));
      try (StateDict leaves = weights.sharedLeaves()) {
        try (Scope scope = new Scope()) {
          Ops.scale(leaves.get("a"), 30).add(Ops.scale(leaves.get("b"), 40)).sum().backward();
        }
        new Sgd(leaves.toMap(), name -> 1, state, 0.9, 0).step(1, 5);
        assertThat(Tensors.floats(weights.get("a"))[0]).isCloseTo(-3f, within(1e-5f));
        assertThat(Tensors.floats(weights.get("b"))[0]).isCloseTo(-4f, within(1e-5f));
      }
    }
  }
}
