package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ColorSegmentsTest {
  private static final int WIDTH = 20;
  private static final int HEIGHT = 10;
  private static final int DOG = 12;
  private static final int SOFA = 18;
  private static final int VOID = 255;

  /** Votes for the dog that follow the colours roughly become a region that follows them. */
  @Test
  void aSegmentTakesTheLabelThatLeadsInIt() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    float[] votes = new float[WIDTH * HEIGHT];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.setRGB(x, y, (x < 8 ? Color.RED : Color.CYAN).getRGB());
        votes[y * WIDTH + x] = x < 6 || x == 15 ? 6 / 9f : 0;
      }
    }
    ColorSegments decision = new ColorSegments(0.56, 2, 10, 2, 1, 2, 1);
    int[] row = row(decision, votes, image);
    assertThat(Arrays.copyOf(row, 8)).containsOnly(DOG);
    assertThat(row[8]).isEqualTo(VOID);
    assertThat(Arrays.copyOfRange(row, 9, WIDTH)).containsOnly(0);
    // Five of nine votes are too few for a label, and so are four for the background.
    Arrays.fill(votes, 5 / 9f);
    assertThat(row(decision, votes, image)).containsOnly(VOID);
  }

  private static int[] row(ColorSegments decision, float[] votes, BufferedImage image) {
    Scores scores = new Scores(List.of(DOG), votes, WIDTH, HEIGHT);
    byte[] labels = decision.label(scores, image).labels();
    int[] row = IntStream.range(0, WIDTH).map(x -> Byte.toUnsignedInt(labels[x])).toArray();
    for (int p = 0; p < labels.length; p++) {
      assertThat(Byte.toUnsignedInt(labels[p])).isEqualTo(row[p % WIDTH]);
    }
    return row;
  }

  @Test
  void theLeadIsMoreThanTwofoldAndSmallSegmentsAreBackground() {
    ColorSegments decision = new ColorSegments(0.56, 2, 4, 2, 1, 2, 1);
    int[] segments = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2};
    int[] labels = {5, 5, 5, 5, 0, 0, 5, 5, 5, 5, 5, 0, 7, 5, 5, 5};
    int[] expected = {VOID, VOID, VOID, VOID, VOID, VOID, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0};
    assertThat(decision.segmented(labels, new Components(segments, 3))).isEqualTo(expected);
  }

  /** One pixel a round, by the neighbours that are within the image. */
  @Test
  void regionsAreSmoothedAsByASlowTwin() {
    ColorSegments decision = new ColorSegments(0.56, 20, 10, 2, 1, 5, 2);
    int width = 37;
    int height = 29;
    Random random = new Random(4);
    int[] labels = new int[width * height];
    for (int blob = 0; blob < 14; blob++) {
      int x = random.nextInt(width - 8);
      int y = random.nextInt(height - 8);
      int label = new int[] {DOG, SOFA, VOID, 0}[blob % 4];
      for (int p = 0; p < 64; p++) {
        labels[(y + p / 8) * width + x + p % 8] = label;
      }
    }
    int[] expected = Arrays.stream(labels).map(label -> label == VOID ? VOID : 0).toArray();
    for (int label : new int[] {DOG, SOFA}) {
      boolean[] region = new boolean[labels.length];
      for (int p = 0; p < labels.length; p++) {
        region[p] = labels[p] == label;
      }
      region = rounds(rounds(rounds(region, width, 1, false), width, 5, true), width, 4, false);
      boolean[] around = rounds(region, width, 2, true);
      for (int p = 0; p < labels.length; p++) {
        expected[p] = region[p] ? label : around[p] ? VOID : expected[p];
      }
    }
    byte[] smoothed = decision.smoothed(labels, width, List.of(DOG, SOFA));
    assertThat(IntStream.range(0, smoothed.length).map(p -> Byte.toUnsignedInt(smoothed[p])))
        .containsExactly(Arrays.stream(expected).boxed().toArray(Integer[]::new));
  }

  private static boolean[] rounds(boolean[] region, int width, int count, boolean grow) {
    boolean[] now = region;
    for (int round = 0; round < count; round++) {
      boolean[] next = now.clone();
      for (int p = 0; p < now.length; p++) {
        for (int q = 0; q < now.length; q++) {
          boolean touching =
              Math.abs(p % width - q % width) <= 1 && Math.abs(p / width - q / width) <= 1;
          if (touching && now[q] == grow) {
            next[p] = grow;
          }
        }
      }
      now = next;
    }
    return now;
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new ColorSegments(0.5, 20, 10, 2, 1, 5, 2))
        .hasMessage("the agreement must be more than 0.5, at most 1, not 0.5");
    assertThatThrownBy(() -> new ColorSegments(0.56, 20, 10, 2, 6, 5, 2))
        .hasMessageContaining("erosion at most the dilation");
    assertThatThrownBy(() -> new ColorSegments(0.56, 0, 10, 2, 1, 5, 2))
        .hasMessageContaining("clusters must be positive");
  }
}
