package org.syntagen.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;

class ClippingOrderTest {
  private static final int COUNT = 300;

  /** Parameters that were read from a file stand in another order than those that were made. */
  @Test
  void theOrderOfParametersDoesNotChangeABit() {
    List<Integer> order = new ArrayList<>(IntStream.range(0, COUNT).boxed().toList());
    Map<String, float[]> forwards = moved(order);
    Collections.shuffle(order, new Random(1));
    Map<String, float[]> backwards = moved(order);
    forwards.forEach((name, values) -> assertThat(backwards.get(name)).isEqualTo(values));
  }

  private static Map<String, float[]> moved(List<Integer> order) {
    Map<String, float[]> values = new TreeMap<>();
    try (Scope scope = new Scope();
        StateDict moments = new StateDict("moments")) {
      Map<String, Tensor> parameters = new LinkedHashMap<>();
      for (int i : order) {
        try (SeededNoise noise = new SeededNoise(i)) {
          Tensor p = noise.normal(i + 3).requires_grad_(true);
          Ops.scale(p.square().sum(), 1 + i / 7.0).backward();
          parameters.put("p%03d".formatted(i), p);
        }
      }
      new AdamW(parameters, name -> 1, moments, 0).step(1, 1e-3, 0.1);
      parameters.forEach(
          (name, p) -> values.put(name + " m", Tensors.floats(moments.get("m." + name))));
    }
    return values;
  }
}
