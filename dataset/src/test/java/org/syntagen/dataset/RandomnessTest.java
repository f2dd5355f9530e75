package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomnessTest {
  @Test
  void splitMix64GivesThePublishedNumbers() {
    // The first values of the reference implementation for the seed 1234567.
    SplitMix64 random = new SplitMix64(1234567);
    assertThat(random.nextLong()).isEqualTo(6457827717110365317L);
    assertThat(random.nextLong()).isEqualTo(3203168211198807973L);
    assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("9817491932198370423");
  }

  @Test
  void numbersStayInTheirBounds() {
    SplitMix64 random = new SplitMix64(1);
    for (int i = 0; i < 10_000; i++) {
      assertThat(random.nextDouble()).isBetween(0.0, Math.nextDown(1.0));
      assertThat(random.nextInt(7)).isBetween(0, 6);
      assertThat(random.inclusive(3, 5)).isBetween(3, 5);
      assertThat(random.between(-2, 2)).isBetween(-2.0, 2.0);
    }
    assertThat(random.chance(0)).isFalse();
    assertThat(random.chance(1)).isTrue();
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextInt(0));
  }

  @Test
  void streamsOfOneSeedDiffer() {
    long first = new SplitMix64(5).split(1).nextLong();
    assertThat(new SplitMix64(5).split(1).nextLong()).isEqualTo(first);
    assertThat(new SplitMix64(5).split(2).nextLong()).isNotEqualTo(first);
    assertThat(new SplitMix64(6).split(1).nextLong()).isNotEqualTo(first);
  }

  @Test
  void sampleSeedsArePureDistinctAndFitADouble() {
    Set<Long> seeds = new HashSet<>();
    for (long datasetSeed : new long[] {0, 1, 2, 42}) {
      for (int index = 0; index < 5_000; index++) {
        long seed = SampleSeed.of(datasetSeed, index);
        assertThat(seed).isEqualTo(SampleSeed.of(datasetSeed, index));
        assertThat(seed).isBetween(0L, SampleSeed.BOUND - 1);
        assertThat((long) (double) seed).isEqualTo(seed);
        seeds.add(seed);
      }
    }
    assertThat(seeds).hasSize(20_000);
  }

  @Test
  void sampleSeedsKeepTheirValuesForEver() {
    // Written down once: a change here means that no old dataset can be regenerated.
    assertThat(IntStream.range(0, 3).mapToLong(i -> SampleSeed.of(42, i)))
        .containsExactly(6284650256207339L, 7474247260194344L, 8498794283143209L);
  }
}
