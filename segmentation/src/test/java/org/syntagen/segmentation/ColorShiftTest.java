package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ColorShiftTest {
  private static double[] shifted(ColorShift shift, double... levels) {
    double[] copy = levels.clone();
    shift.apply(copy, copy.length / 3);
    return copy;
  }

  @Test
  void nothingChangesWithoutBrightnessContrastSaturationAndHue() {
    assertThat(shifted(ColorShift.NONE, 10, 200, 77)).containsExactly(10, 200, 77);
    assertThat(shifted(ColorShift.of(0, 1, 1, 0), 10, 200, 77))
        .containsExactly(new double[] {10, 200, 77}, within(0.5));
  }

  @Test
  void greyKeepsItsHueAndMovesWithBrightnessAndContrast() {
    assertThat(shifted(ColorShift.of(20, 1, 1, 1.2), 100, 100, 100))
        .containsExactly(new double[] {120, 120, 120}, within(0.5));
    assertThat(shifted(ColorShift.of(0, 0.5, 1, 0), 27.5, 27.5, 27.5))
        .containsExactly(new double[] {77.5, 77.5, 77.5}, within(0.5));
  }

  @Test
  void withoutSaturationOnlyTheLumaIsLeft() {
    double luma = 0.299 * 200 + 0.587 * 50 + 0.114 * 10;
    assertThat(shifted(ColorShift.of(0, 1, 0, 0), 200, 50, 10))
        .containsExactly(new double[] {luma, luma, luma}, within(0.5));
  }

  @Test
  void aThirdOfATurnMakesRedMostlyAnotherColorAndKeepsItsLuma() {
    double[] turned = shifted(ColorShift.of(0, 1, 1, 2 * Math.PI / 3), 160, 90, 90);
    assertThat(Math.max(turned[1], turned[2])).isGreaterThan(turned[0]);
    assertThat(0.299 * turned[0] + 0.587 * turned[1] + 0.114 * turned[2])
        .isCloseTo(0.299 * 160 + 0.587 * 90 + 0.114 * 90, within(0.5));
  }

  @Test
  void levelsStayInRange() {
    for (double level : shifted(ColorShift.of(90, 2, 3, 1), 255, 0, 128)) {
      assertThat(level).isBetween(0.0, 255.0);
    }
  }

  @Test
  void aDrawDependsOnSeedAndDrawOnlyAndNoJitterIsNone() {
    Augmentation still = new Augmentation(32, 32);
    assertThat(still.colorShift(1, 2)).isSameAs(ColorShift.NONE);
    Augmentation lively = new Augmentation(32, 32, 0.5, 2, 1, 1);
    assertThat(lively.colorShift(1, 2).matrix()).isEqualTo(lively.colorShift(1, 2).matrix());
    Set<Double> offsets = new HashSet<>();
    for (int draw = 0; draw < 50; draw++) {
      offsets.add(lively.colorShift(1, draw).offset());
    }
    assertThat(offsets).hasSize(50);
  }
}
