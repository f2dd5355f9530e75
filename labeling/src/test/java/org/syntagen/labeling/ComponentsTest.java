package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComponentsTest {
  @Test
  void cornersConnect() {
    int[] labels = {
      1, 0, 0, 2,
      0, 1, 0, 2,
      0, 0, 2, 0,
    };
    Components parts = Components.of(labels, 4);
    assertThat(parts.of()).containsExactly(0, 1, 1, 2, 1, 0, 1, 2, 1, 1, 2, 1);
    assertThat(parts.count()).isEqualTo(3);
    assertThat(parts.sizes()).containsExactly(2, 7, 3);
  }

  /** Every pixel takes the least number among its equal neighbours until nothing changes. */
  @Test
  void partsEqualThoseOfASlowTwin() {
    int width = 23;
    int[] labels = new Random(5).ints(width * 17, 0, 3).toArray();
    int[] least = IntStream.range(0, labels.length).toArray();
    for (boolean changed = true; changed; ) {
      changed = false;
      for (int p = 0; p < labels.length; p++) {
        for (int q = 0; q < labels.length; q++) {
          boolean touching =
              Math.abs(p % width - q % width) <= 1 && Math.abs(p / width - q / width) <= 1;
          if (touching && labels[p] == labels[q] && least[q] < least[p]) {
            least[p] = least[q];
            changed = true;
          }
        }
      }
    }
    int[] parts = Components.of(labels, width).of();
    for (int p = 0; p < parts.length; p++) {
      for (int q = 0; q < parts.length; q++) {
        assertThat(parts[p] == parts[q]).isEqualTo(least[p] == least[q]);
      }
    }
  }
}
