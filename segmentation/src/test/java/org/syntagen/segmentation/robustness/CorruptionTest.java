package org.syntagen.segmentation.robustness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.segmentation.LabeledImage;
import org.syntagen.segmentation.Pictures;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Also compares with what parity/corruptions/record.py recorded of the package imagecorruptions.
 */
class CorruptionTest {
  private static final int WIDTH = 240;
  private static final int HEIGHT = 224;
  private static final int FIRST = 5;
  private static final int EVERY = 17;

  @ParameterizedTest
  @EnumSource(
      names = {
        "DEFOCUS_BLUR",
        "ZOOM_BLUR",
        "BRIGHTNESS",
        "CONTRAST",
        "PIXELATE",
        "JPEG_COMPRESSION"
      })
  void whatDrawsNothingIsWithinTwoLevelsOfThePublishedPackage(Corruption corruption)
      throws IOException {
    JsonNode recorded = fixture().get(corruption.id());
    for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
      assertWithinTwoLevels(
          corruption.apply(picture(), severity, 1), recorded.get(severity - 1).asString());
    }
  }

  @Test
  void motionAtGivenAnglesIsWithinTwoLevelsOfThePublishedPackage() throws IOException {
    for (JsonNode motion : fixture().get("motion")) {
      LabeledImage blurred =
          Colors.of(picture())
              .map(
                  plane ->
                      plane.movedAlong(
                          motion.get("radius").asInt(),
                          motion.get("sigma").asDouble(),
                          motion.get("angle").asDouble()))
              .on(picture());
      assertWithinTwoLevels(blurred, motion.get("pixels").asString());
    }
  }

  private static void assertWithinTwoLevels(LabeledImage image, String recorded) {
    byte[] expected = Base64.getDecoder().decode(recorded);
    int at = 0;
    for (int y = FIRST; y < HEIGHT; y += EVERY) {
      for (int x = FIRST; x < WIDTH; x += EVERY) {
        for (int channel = 0; channel < 3; channel++) {
          assertThat(image.rgb()[3 * (y * WIDTH + x) + channel] & 255)
              .as("pixel (%d, %d), channel %d", x, y, channel)
              .isCloseTo(expected[at++] & 255, within(2));
        }
      }
    }
    assertThat(at).isEqualTo(expected.length);
  }

  @ParameterizedTest
  @EnumSource
  void theSameSeedGivesTheSameImageAndAHigherSeverityAnotherOne(Corruption corruption) {
    LabeledImage image = Pictures.squares(1, 96, 3, 5).get(0);
    LabeledImage once = corruption.apply(image, 1, 7);
    assertThat(same(corruption.apply(image, 1, 7), once)).isTrue();
    assertThat(same(once, image)).isFalse();
    assertThat(same(corruption.apply(image, 5, 7), once)).isFalse();
    assertThat(once.id()).isEqualTo(image.id());
    if (corruption != Corruption.ELASTIC_TRANSFORM) {
      assertThat(once.labels()).isEqualTo(image.labels());
    }
  }

  private static boolean same(LabeledImage one, LabeledImage other) {
    return Arrays.equals(one.rgb(), other.rgb());
  }

  @ParameterizedTest
  @EnumSource
  void anyImageCanBeCorrupted(Corruption corruption) {
    for (int[] size : new int[][] {{1, 1}, {2, 1}, {3, 17}, {33, 5}}) {
      LabeledImage image = Pictures.coded(size[0], size[1]);
      for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
        LabeledImage corrupted = corruption.apply(image, severity, 1);
        assertThat(corrupted.width()).isEqualTo(image.width());
        assertThat(corrupted.height()).isEqualTo(image.height());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GAUSSIAN_NOISE", "SHOT_NOISE", "IMPULSE_NOISE"})
  void noiseDiffersBetweenImagesAndSeeds(Corruption corruption) {
    LabeledImage image = Pictures.coded(15, 15);
    LabeledImage other =
        new LabeledImage("other", image.width(), image.height(), image.rgb(), image.labels());
    LabeledImage found = corruption.apply(image, 3, 1);
    assertThat(same(corruption.apply(image, 3, 2), found)).isFalse();
    assertThat(same(corruption.apply(other, 3, 1), found)).isFalse();
  }

  @Test
  void noiseHasThePublishedStrength() {
    LabeledImage grey = grey(200, 200);
    assertThat(deviation(Corruption.GAUSSIAN_NOISE.apply(grey, 1, 1)))
        .isCloseTo(0.08, within(0.002));
    // a Poisson count of mean 60 · 128/255, over 60
    double shot = Math.sqrt(60 * 128 / 255.0) / 60;
    assertThat(deviation(Corruption.SHOT_NOISE.apply(grey, 1, 1))).isCloseTo(shot, within(0.002));
    byte[] salted = Corruption.IMPULSE_NOISE.apply(grey, 5, 1).rgb();
    int black = 0;
    int white = 0;
    for (byte level : salted) {
      black += level == 0 ? 1 : 0;
      white += level == -1 ? 1 : 0;
    }
    assertThat((double) black / salted.length).isCloseTo(0.135, within(0.005));
    assertThat((double) white / salted.length).isCloseTo(0.135, within(0.005));
  }

  private static double deviation(LabeledImage image) {
    double[] values = new double[image.rgb().length];
    Arrays.setAll(values, i -> (image.rgb()[i] & 255) / 255.0);
    double mean = Arrays.stream(values).average().orElseThrow();
    return Math.sqrt(
        Arrays.stream(values)
            .map(value -> (value - mean) * (value - mean))
            .average()
            .orElseThrow());
  }

  @Test
  void motionIsTheMeanOfShiftedImages() {
    Plane dot = Plane.of(9, 9, (x, y) -> x == 4 && y == 4 ? 1 : 0);
    double[] weights = {1, Math.exp(-0.5), Math.exp(-2)};
    double sum = weights[0] + weights[1] + weights[2];
    Plane moved = dot.movedAlong(1, 1, 0);
    for (int i = 0; i <= 2; i++) {
      assertThat(moved.at(4 - i, 4)).isCloseTo(weights[i] / sum, within(1e-12));
    }
    assertThat(moved.mean()).isCloseTo(dot.mean(), within(1e-12));
  }

  @Test
  void aBlurIsTheWeightedMeanOfAMirroredImage() {
    SplitMix64 random = new SplitMix64(2);
    Plane plane = Plane.of(7, 5, (x, y) -> random.nextDouble());
    for (double sigma : new double[] {0.3, 1.2, 6}) {
      int radius = (int) (4 * sigma + 0.5);
      double[] weights = Plane.gaussian(sigma, radius);
      Plane blurred = plane.blurred(sigma);
      for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 7; x++) {
          double sum = 0;
          for (int dy = -radius; dy <= radius; dy++) {
            for (int dx = -radius; dx <= radius; dx++) {
              sum +=
                  weights[dy + radius]
                      * weights[dx + radius]
                      * plane.at(Plane.mirror(x + dx, 7), Plane.mirror(y + dy, 5));
            }
          }
          assertThat(blurred.at(x, y)).isCloseTo(sum, within(1e-12));
        }
      }
    }
    assertThat(List.of(Plane.mirror(-1, 3), Plane.mirror(-4, 3), Plane.mirror(3, 3)))
        .containsExactly(0, 2, 2);
  }

  @Test
  void labelsMoveWithWhatTheyName() {
    LabeledImage image = halves(120);
    for (int severity = 1; severity <= Corruption.SEVERITIES; severity++) {
      LabeledImage warped = Corruption.ELASTIC_TRANSFORM.apply(image, severity, 3);
      int wrong = 0;
      for (int p = 0; p < warped.labels().length; p++) {
        int red = warped.rgb()[3 * p] & 255;
        wrong += red != 127 && red > 127 != (warped.labels()[p] == 1) ? 1 : 0;
      }
      assertThat(wrong).as("severity %d", severity).isLessThan(warped.labels().length / 200);
    }
  }

  @Test
  void lengthsGrowWithTheImage() {
    LabeledImage small = halves(56);
    LabeledImage large = halves(224);
    // how far grey reaches, over the side
    assertThat(greyColumns(Corruption.DEFOCUS_BLUR.apply(small, 5, 1)) / 56.0)
        .isCloseTo(greyColumns(Corruption.DEFOCUS_BLUR.apply(large, 5, 1)) / 224.0, within(0.04));
  }

  private static int greyColumns(LabeledImage image) {
    int count = 0;
    for (int x = 0; x < image.width(); x++) {
      int level = image.rgb()[3 * x] & 255;
      count += level > 2 && level < 252 ? 1 : 0;
    }
    return count;
  }

  @Test
  void aSeverityOutOfRangeIsRefused() {
    LabeledImage image = grey(4, 4);
    assertThatThrownBy(() -> Corruption.FOG.apply(image, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Corruption.FOG.apply(image, 6, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static LabeledImage grey(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) 128);
    return new LabeledImage("grey", width, height, rgb, new byte[width * height]);
  }

  /** Black labelled 0 on the left, white labelled 1 on the right. */
  private static LabeledImage halves(int side) {
    byte[] labels = new byte[side * side];
    byte[] rgb = new byte[3 * labels.length];
    for (int p = 0; p < labels.length; p++) {
      labels[p] = (byte) (p % side < side / 2 ? 0 : 1);
      Arrays.fill(rgb, 3 * p, 3 * p + 3, (byte) (labels[p] * 255));
    }
    return new LabeledImage("halves", side, side, rgb, labels);
  }

  private static LabeledImage picture() {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int at = 3 * (y * WIDTH + x);
        rgb[at] = (byte) triangle(3 * x + y);
        rgb[at + 1] = (byte) triangle(x + 2 * y + x * y / 64);
        rgb[at + 2] = (byte) ((x / 16 + y / 16) % 2 == 0 ? 200 : 60);
      }
    }
    return new LabeledImage("picture", WIDTH, HEIGHT, rgb, new byte[WIDTH * HEIGHT]);
  }

  private static int triangle(int value) {
    return Math.abs(value % 510 - 255);
  }

  private static JsonNode fixture() throws IOException {
    try (InputStream in = CorruptionTest.class.getResourceAsStream("corruptions.json")) {
      return JsonMapper.builder().build().readTree(in);
    }
  }
}
