package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CalibrationTest {
  private static final byte VOID = (byte) 255;

  /** Two pixels of 0.5 and 0.52, one of them right; one of 0.9, right; one of 1, wrong. */
  @Test
  void theErrorIsThatComputedByHand() {
    Calibration calibration = new Calibration();
    calibration.add(
        new byte[] {0, 1, 1, 2, VOID},
        new byte[] {0, 0, 1, 1, 0},
        new float[] {0.5f, 0.52f, 0.9f, 1, 0.7f});
    assertThat(calibration.bins()).hasSize(3);
    assertThat(calibration.bins().get(0).pixels()).isEqualTo(2);
    assertThat(calibration.bins().get(0).confidence()).isCloseTo(0.51, within(1e-6));
    assertThat(calibration.bins().get(0).accuracy()).isEqualTo(0.5);
    assertThat(calibration.bins().get(2).accuracy()).isZero();
    assertThat(calibration.expectedError()).isCloseTo((2 * 0.01 + 0.1 + 1) / 4, within(1e-6));
  }

  @Test
  void nothingCountedIsNoError() {
    assertThat(new Calibration().expectedError()).isNaN();
  }
}
