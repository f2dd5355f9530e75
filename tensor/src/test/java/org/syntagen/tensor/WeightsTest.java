package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private final StateDict state = new StateDict("model.safetensors");

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void partsNameTheirParametersFromTheRoot() {
    try (SeededNoise noise = new SeededNoise(0)) {
      Weights random = Weights.random(noise);
      Weights block = random.at("mid_block").at("resnets").at(1);
      block.constant("norm1.weight", 1, 4);
      block.at("conv1").uniform("weight", 0.5, 2, 3);
      try (StateDict drawn = random.state()) {
        assertThat(drawn.names())
            .containsExactly(
                "mid_block.resnets.1.norm1.weight", "mid_block.resnets.1.conv1.weight");
        assertThat(block.state()).isSameAs(drawn);
      }
    }
  }

  @Test
  void randomParametersAreDrawnFromOneStreamAndConstantsDrawNothing() {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(3);
        SeededNoise twin = new SeededNoise(3)) {
      Weights random = Weights.random(noise);
      float[] first = Tensors.floats(random.uniform("a", 0.25, 20));
      assertThat(Tensors.floats(random.constant("one", 1, 2))).containsExactly(1, 1);
      assertThat(Tensors.longs(random.counter("count"))).containsExactly(0);
      float[] second = Tensors.floats(random.normal("b", 0.02, 20));
      assertThat(first).containsExactly(Tensors.floats(twin.uniform(-0.25, 0.25, 20)));
      assertThat(second).containsExactly(Tensors.floats(Ops.scale(twin.normal(20), 0.02)));
      random.state().close();
    }
  }

  @Test
  void aParameterCannotBeAskedForTwiceWhenDrawn() {
    try (SeededNoise noise = new SeededNoise(0)) {
      Weights random = Weights.random(noise);
      random.constant("a", 0, 1);
      assertThatThrownBy(() -> random.constant("a", 0, 1))
          .isInstanceOf(WeightsException.class)
          .hasMessage("random: tensor a appears twice");
      random.state().close();
    }
  }

  @Test
  void storedParametersAreReadAndNotDrawn() {
    state.put("conv.weight", Tensors.full(7, 2, 2));
    Weights weights = Weights.of(state);
    assertThat(weights.at("conv").has("weight")).isTrue();
    assertThat(weights.at("conv").has("bias")).isFalse();
    assertThat(weights.at("conv").uniform("weight", 1, 2, 2)).isSameAs(state.get("conv.weight"));
    weights.requireAllUsed();
  }

  @Test
  void aMisshapenParameterIsNamedWithBothShapes() {
    state.put("conv.weight", Tensors.zeros(2, 3));
    assertThatThrownBy(() -> Weights.of(state).at("conv").uniform("weight", 1, 3, 2))
        .isInstanceOf(WeightsException.class)
        .hasMessage("model.safetensors: tensor conv.weight has shape [2, 3], expected [3, 2]");
  }

  @Test
  void aMissingParameterIsNamed() {
    assertThatThrownBy(() -> Weights.of(state).at("conv").uniform("weight", 1, 3, 2))
        .isInstanceOf(WeightsException.class)
        .hasMessage("model.safetensors: tensor conv.weight is missing");
  }

  @Test
  void aTensorThatNobodyAskedForIsNamed() {
    state.put("conv.weight", Tensors.zeros(1));
    state.put("conv.surplus", Tensors.zeros(1));
    Weights weights = Weights.of(state);
    weights.at("conv").constant("weight", 0, 1);
    assertThatThrownBy(weights::requireAllUsed)
        .isInstanceOf(WeightsException.class)
        .hasMessage("model.safetensors: tensor conv.surplus does not belong to this architecture");
  }

  @Test
  void whatAModelWouldReadIsListedWithoutMemoryForIt() {
    long huge = 1L << 40;
    var shapes =
        Weights.shapes(
            "test",
            weights -> {
              weights.at("a").normal("weight", 1, huge, 3);
              weights.at("b").at(0).counter("count");
              assertThat(weights.has("anything")).isTrue();
            });
    assertThat(shapes).containsOnlyKeys("a.weight", "b.0.count");
    assertThat(shapes.get("a.weight")).containsExactly(huge, 3);
    assertThat(shapes.get("b.0.count")).isEmpty();
  }

  /** A configuration may speak of any number of layers. */
  @Test
  void aModelWithoutEndIsNotListed() {
    assertThatThrownBy(
            () ->
                Weights.shapes(
                    "test",
                    weights -> {
                      for (int i = 0; i >= 0; i++) {
                        weights.at(i).constant("weight", 0, 3, 3);
                      }
                    }))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("test: the configuration asks for more than 16384 tensors");
  }

  @Test
  void aCounterMustBeAnInteger() {
    state.put("norm.num_batches_tracked", Tensors.of(new float[] {1}));
    assertThatThrownBy(() -> Weights.of(state).at("norm").counter("num_batches_tracked"))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("norm.num_batches_tracked has");
  }
}
