package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;

class BoundaryIouTest {
  private static final int CLASSES = 4;

  /** Blocks of labels, some of them void. */
  private static LabelMap random(long seed, int width, int height, boolean withVoid) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] labels = new byte[width * height];
    for (int block = 0; block < 12; block++) {
      int label = withVoid && block % 6 == 5 ? ClassSet.VOID : random.nextInt(CLASSES);
      int left = random.nextInt(width);
      int top = random.nextInt(height);
      for (int y = top; y < Math.min(height, top + 14); y++) {
        for (int x = left; x < Math.min(width, left + 17); x++) {
          labels[y * width + x] = (byte) label;
        }
      }
    }
    return new LabelMap(width, height, labels);
  }

  /** One erosion by the eight neighbours after another, as the published code does. */
  @Test
  void equalsASlowTwin() {
    for (int[] size : new int[][] {{61, 45}, {128, 128}, {20, 9}}) {
      int d = (int) Math.max(1, Math.round(0.02 * Math.hypot(size[0], size[1])));
      BoundaryIou iou = new BoundaryIou(CLASSES);
      long[] both = new long[CLASSES];
      long[] either = new long[CLASSES];
      for (long seed = 1; seed < 6; seed++) {
        LabelMap truth = random(seed, size[0], size[1], true);
        LabelMap guess = random(seed + 100, size[0], size[1], false);
        iou.add(truth, guess);
        for (int label = 0; label < CLASSES; label++) {
          boolean[][] a = boundary(truth, truth, label, d);
          boolean[][] b = boundary(guess, truth, label, d);
          for (int y = 0; y < a.length; y++) {
            for (int x = 0; x < a[0].length; x++) {
              both[label] += a[y][x] && b[y][x] ? 1 : 0;
              either[label] += a[y][x] || b[y][x] ? 1 : 0;
            }
          }
        }
      }
      for (int label = 0; label < CLASSES; label++) {
        assertThat(iou.of(label).getAsDouble())
            .isCloseTo((double) both[label] / either[label], within(1e-12));
      }
    }
  }

  private static boolean[][] boundary(LabelMap map, LabelMap truth, int label, int d) {
    boolean[][] mask = new boolean[map.height()][map.width()];
    for (int y = 0; y < map.height(); y++) {
      for (int x = 0; x < map.width(); x++) {
        mask[y][x] = map.at(x, y) == label && truth.at(x, y) != ClassSet.VOID;
      }
    }
    boolean[][] core = mask;
    for (int i = 0; i < d; i++) {
      boolean[][] next = new boolean[map.height()][map.width()];
      for (int y = 1; y < map.height() - 1; y++) {
        for (int x = 1; x < map.width() - 1; x++) {
          next[y][x] = true;
          for (int n = 0; n < 9; n++) {
            next[y][x] &= core[y + n / 3 - 1][x + n % 3 - 1];
          }
        }
      }
      core = next;
    }
    boolean[][] boundary = new boolean[map.height()][map.width()];
    for (int y = 0; y < map.height(); y++) {
      for (int x = 0; x < map.width(); x++) {
        boundary[y][x] = mask[y][x] && !core[y][x];
      }
    }
    return boundary;
  }

  @Test
  void equalMapsScoreOneAndAbsentClassesNothing() {
    BoundaryIou iou = new BoundaryIou(CLASSES);
    LabelMap map = new LabelMap(30, 30, new byte[900]);
    iou.add(map, map);
    assertThat(iou.of(0)).hasValue(1);
    assertThat(iou.of(1)).isEmpty();
    assertThat(iou.mean()).isEqualTo(1);
  }

  @Test
  void mapsOfDifferentSizesAreRefused() {
    assertThatThrownBy(
            () -> new BoundaryIou(CLASSES).add(random(1, 20, 20, false), random(1, 20, 21, false)))
        .hasMessageContaining("20 × 21");
  }
}
