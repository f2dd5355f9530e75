package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DatasetStatisticsTest {
  private static final ClassSet CLASSES = ClassSet.of(List.of("background", "cat", "dog"));

  @Test
  void countsByHand() {
    DatasetStatistics.Tally tally = new DatasetStatistics.Tally(CLASSES);
    tally.add(new LabelMap(2, 2, new byte[] {0, 0, 1, (byte) 255}));
    tally.add(new LabelMap(3, 2, new byte[] {0, 1, 1, 1, 1, 1}));
    DatasetStatistics statistics = tally.total();
    assertThat(statistics.samples()).isEqualTo(2);
    assertThat(statistics.pixels()).containsExactly(3L, 6L, 0L);
    assertThat(statistics.images()).containsExactly(2, 2, 0);
    assertThat(statistics.voidPixels()).isEqualTo(1);
    assertThat(statistics.totalPixels()).isEqualTo(10);
    assertThat(statistics.voidShare()).isEqualTo(0.1);
    assertThat(statistics.pixelsByName()).containsEntry("cat", 6L).containsEntry("dog", 0L);
    assertThat(statistics.imagesByName()).containsEntry("background", 2);
  }

  @Test
  void aSampleCountsLikeItsMask() {
    LabelMap mask = Pictures.mask(20, 20, 4);
    DatasetStatistics.Tally ofMask = new DatasetStatistics.Tally(ClassSet.VOC);
    ofMask.add(mask);
    DatasetStatistics.Tally ofSample = new DatasetStatistics.Tally(ClassSet.VOC);
    SampleOrigin origin = new SampleOrigin("a cat", List.of("cat"), 1, Map.of());
    ofSample.add(Sample.of("a", origin, "0".repeat(64), mask, ClassSet.VOC));
    assertThat(ofSample.total()).isEqualTo(ofMask.total());
  }

  @Test
  void nothingCountedIsNothingVoid() {
    assertThat(new DatasetStatistics.Tally(CLASSES).total().voidShare()).isZero();
  }
}
