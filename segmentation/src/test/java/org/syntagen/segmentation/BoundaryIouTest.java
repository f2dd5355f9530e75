package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.SplitMix64;

class BoundaryIouTest {
  private static final int CLASSES = 3;

  @ParameterizedTest
  @CsvSource({"512, 512, 14", "500, 375, 12", "10, 10, 1", "1, 1, 1"})
  void theDistanceIsTwoPercentOfTheDiagonal(int width, int height, int expected) {
    assertThat(BoundaryIou.distance(width, height)).isEqualTo(expected);
  }

  /** Squares of 6 and 4 pixels with one corner: bands of 20 and 12 pixels share 7. */
  @Test
  void squaresAreScoredAsCountedByHand() {
    BoundaryIou boundary = new BoundaryIou(2);
    boundary.add(square(6), square(4));
    assertThat(boundary.iou(1)).hasValue(7.0 / (20 + 12 - 7));
  }

  private static LabelMap square(int side) {
    byte[] labels = new byte[20 * 20];
    for (int i = 0; i < labels.length; i++) {
      int x = i % 20 - 5;
      int y = i / 20 - 5;
      labels[i] = (byte) (x >= 0 && y >= 0 && x < side && y < side ? 1 : 0);
    }
    return new LabelMap(20, 20, labels);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "9, 1", "17, 23", "120, 90", "150, 200"})
  void itFollowsASlowTwin(int width, int height) {
    SplitMix64 random = new SplitMix64(width);
    BoundaryIou fast = new BoundaryIou(CLASSES);
    long[][] counts = new long[CLASSES][2]; // right, union
    for (int image = 0; image < 2; image++) {
      LabelMap truth = blobs(random, width, height, true);
      LabelMap prediction = blobs(random, width, height, false);
      fast.add(truth, prediction);
      byte[] seen = prediction.labels().clone();
      for (int i = 0; i < seen.length; i++) {
        seen[i] = truth.labels()[i] == (byte) 255 ? (byte) 255 : seen[i];
      }
      for (int label = 0; label < CLASSES; label++) {
        for (int i = 0; i < seen.length; i++) {
          boolean a = inBand(truth, label, i);
          boolean b = inBand(new LabelMap(width, height, seen), label, i);
          counts[label][0] += a && b ? 1 : 0;
          counts[label][1] += a || b ? 1 : 0;
        }
      }
    }
    for (int label = 0; label < CLASSES; label++) {
      OptionalDouble expected =
          counts[label][1] == 0
              ? OptionalDouble.empty()
              : OptionalDouble.of((double) counts[label][0] / counts[label][1]);
      assertThat(fast.iou(label)).as("class %d", label).isEqualTo(expected);
    }
    double mean =
        IntStream.range(0, CLASSES)
            .filter(label -> counts[label][1] > 0)
            .mapToDouble(label -> (double) counts[label][0] / counts[label][1])
            .average()
            .orElse(Double.NaN);
    assertThat(fast.mean()).isCloseTo(mean, within(1e-12));
  }

  /** Whether a pixel is of a class and another within the distance, or the outside, is not. */
  private static boolean inBand(LabelMap map, int label, int at) {
    int width = map.width();
    int height = map.height();
    int d = BoundaryIou.distance(width, height);
    if (map.labels()[at] != label) {
      return false;
    }
    for (int y = at / width - d; y <= at / width + d; y++) {
      for (int x = at % width - d; x <= at % width + d; x++) {
        if (x < 0 || y < 0 || x >= width || y >= height || map.at(x, y) != label) {
          return true;
        }
      }
    }
    return false;
  }

  private static LabelMap blobs(SplitMix64 random, int width, int height, boolean withVoid) {
    byte[] labels = new byte[width * height];
    for (int blob = 0; blob < 6; blob++) {
      int label = withVoid && blob == 5 ? ClassSet.VOID : random.nextInt(CLASSES);
      int left = random.nextInt(width);
      int top = random.nextInt(height);
      int right = left + 1 + random.nextInt(Math.max(1, width / 2));
      int bottom = top + 1 + random.nextInt(Math.max(1, height / 2));
      for (int y = top; y < Math.min(height, bottom); y++) {
        for (int x = left; x < Math.min(width, right); x++) {
          labels[y * width + x] = (byte) label;
        }
      }
    }
    return new LabelMap(width, height, labels);
  }

  @Test
  void mapsOfDifferentSizesAreRefused() {
    LabelMap wide = new LabelMap(2, 1, new byte[2]);
    LabelMap high = new LabelMap(1, 2, new byte[2]);
    assertThatThrownBy(() -> new BoundaryIou(2).add(wide, high))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("LabelMap[2×1] cannot be compared with LabelMap[1×2]");
  }
}
