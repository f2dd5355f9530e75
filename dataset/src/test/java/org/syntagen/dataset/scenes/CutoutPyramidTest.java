package org.syntagen.dataset.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.SplitMix64;

class CutoutPyramidTest {
  private static final ColorGrade PLAIN = new ColorGrade(1, 1, 1, 0, null);

  @Test
  void drawnInItsOwnSizeACutoutCoversItself() {
    BufferedImage image = new BufferedImage(34, 20, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 680; i++) {
      image.setRGB(i % 34, i / 34, 0xFFC86432);
    }
    Patch patch = new CutoutPyramid(image).render(1, false, 0, PLAIN);
    assertThat(covered(patch).getSize()).isEqualTo(new Dimension(34, 20));
    assertThat(patch.area()).isEqualTo(680);
    assertThat(patch.at(17, 10)).isEqualTo(0xFFC86432);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.11, 0.25, 0.3, 0.5, 0.77, 1.0, 1.6, 3.0})
  void theAreaFollowsTheScaleAndTheColourStays(double scale) {
    BufferedImage image = TinyLibrary.ellipse(120, 80, new Color(200, 100, 50));
    Patch patch = new CutoutPyramid(image).render(scale, false, 0, PLAIN);
    double expected = Math.PI / 4 * 120 * 80 * scale * scale;
    assertThat((double) patch.area()).isCloseTo(expected, within(4 + 0.05 * expected));
    for (int pixel : patch.argb()) {
      if (pixel >>> 24 > 40) {
        // The transparent ground must not darken the rim.
        assertThat(pixel >> 16 & 0xFF).isCloseTo(200, within(4));
        assertThat(pixel >> 8 & 0xFF).isCloseTo(100, within(4));
        assertThat(pixel & 0xFF).isCloseTo(50, within(4));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0.5", "0.25", "0.125"})
  void shrinkingByTwoAveragesAreasLikeItsSlowTwin(double scale) {
    int side = 64;
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
    SplitMix64 random = new SplitMix64(3);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        image.setRGB(x, y, 0xFF000000 | (int) random.nextLong() & 0xFFFFFF);
      }
    }
    Patch patch = new CutoutPyramid(image).render(scale, false, 0, PLAIN);
    int block = (int) Math.round(1 / scale);
    Rectangle covered = covered(patch);
    assertThat(covered.getSize()).isEqualTo(new Dimension(side / block, side / block));
    double error = 0;
    double contrast = 0;
    for (int y = 0; y < covered.height; y++) {
      for (int x = 0; x < covered.width; x++) {
        double slow = greenAverage(image, x * block, y * block, block);
        error += Math.abs((patch.at(covered.x + x, covered.y + y) >> 8 & 0xFF) - slow);
        contrast += Math.abs(127.5 - slow);
      }
    }
    // Noise is the hardest case; a picture without averaging would differ by more than its
    // contrast.
    assertThat(error).isLessThan(0.6 * contrast);
  }

  @Test
  void mirroringTwiceIsTheSameAndOnceIsTheMirrorImage() {
    BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 10; y++) {
      for (int x = 0; x < 20; x++) {
        image.setRGB(x, y, 0xFF000000 | (x * 12) << 16 | y * 20);
      }
    }
    CutoutPyramid pyramid = new CutoutPyramid(image);
    Patch plain = pyramid.render(1, false, 0, PLAIN);
    Patch mirrored = pyramid.render(1, true, 0, PLAIN);
    assertThat(mirrored.width()).isEqualTo(plain.width());
    for (int y = 0; y < plain.height(); y++) {
      for (int x = 0; x < plain.width(); x++) {
        assertThat(mirrored.at(x, y)).isEqualTo(plain.at(plain.width() - 1 - x, y));
      }
    }
  }

  @Test
  void aQuarterTurnClockwiseSwapsTheSides() {
    BufferedImage image = new BufferedImage(40, 20, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < 800; i++) {
      image.setRGB(i % 40, i / 40, i % 40 < 20 ? 0xFFFF0000 : 0xFF0000FF);
    }
    Patch patch = new CutoutPyramid(image).render(1, false, Math.PI / 2, PLAIN);
    assertThat(covered(patch).width).isBetween(20, 21);
    assertThat(covered(patch).height).isBetween(40, 41);
    assertThat(patch.at(10, 5)).as("left has come to the top").isEqualTo(0xFFFF0000);
    assertThat(patch.at(10, 35)).isEqualTo(0xFF0000FF);
  }

  @Test
  void aPlainGradeChangesNothingAndATintPullsTowardsItsColour() {
    SplitMix64 random = new SplitMix64(1);
    ColorGrade blue = new ColorGrade(1, 1, 1, 0, Tint.BLUE);
    for (int i = 0; i < 200; i++) {
      int pixel = (int) random.nextLong();
      assertThat(PLAIN.apply(pixel)).isEqualTo(pixel);
      int tinted = blue.apply(pixel);
      assertThat(tinted >>> 24).isEqualTo(pixel >>> 24);
      int shift = (tinted & 0xFF) - (tinted >> 16 & 0xFF);
      assertThat(shift).isGreaterThanOrEqualTo((pixel & 0xFF) - (pixel >> 16 & 0xFF) - 110);
    }
    int grey = blue.apply(0xFF808080);
    assertThat(grey & 0xFF).isGreaterThan((grey >> 16 & 0xFF) + 40);
  }

  /** The bounds of the pixels that belong to the object. */
  private static Rectangle covered(Patch patch) {
    Rectangle bounds = new Rectangle();
    for (int y = 0; y < patch.height(); y++) {
      for (int x = 0; x < patch.width(); x++) {
        if (patch.covers(x, y)) {
          Rectangle pixel = new Rectangle(x, y, 1, 1);
          bounds = bounds.isEmpty() ? pixel : bounds.union(pixel);
        }
      }
    }
    return bounds;
  }

  private static double greenAverage(BufferedImage image, int left, int top, int block) {
    double sum = 0;
    for (int y = top; y < top + block; y++) {
      for (int x = left; x < left + block; x++) {
        sum += image.getRGB(x, y) >> 8 & 0xFF;
      }
    }
    return sum / (block * block);
  }
}
