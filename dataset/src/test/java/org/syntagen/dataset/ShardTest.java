package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardTest {
  @Test
  void shardsShareTheIndicesWithoutOverlap() {
    IntStream all = IntStream.rangeClosed(1, 4).flatMap(number -> new Shard(number, 4).indices(10));
    assertThat(all.sorted()).containsExactlyElementsOf(IntStream.range(0, 10).boxed().toList());
    assertThat(new Shard(2, 4).indices(10)).containsExactly(1, 5, 9);
    assertThat(new Shard(2, 4).owns(5)).isTrue();
    assertThat(new Shard(2, 4).owns(6)).isFalse();
    assertThat(new Shard(4, 4).indices(2)).isEmpty();
  }

  @Test
  void theTextFormIsReadBack() {
    assertThat(Shard.parse("2/4")).isEqualTo(new Shard(2, 4)).hasToString("2/4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/4", "5/4", "1/0", "1", "a/b", "-1/4", "1/99999", "1/4/2", ""})
  void otherTextsAreNoShards(String text) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Shard.parse(text))
        .withMessageContaining("shard")
        .withMessageContaining("2/4");
  }
}
