package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PolyScheduleTest {
  private static final double EXACT = 1e-12;

  @Test
  void withoutWarmupTheRateDecaysAsThePowerPointNineOfWhatIsLeft() {
    PolySchedule schedule = new PolySchedule(0.01, 0);
    assertThat(schedule.rate(0)).isEqualTo(0.01);
    assertThat(schedule.rate(0.5)).isCloseTo(0.01 * Math.pow(0.5, 0.9), within(EXACT));
    assertThat(schedule.rate(9999 / 10_000.0)).isCloseTo(2.5119e-6, within(1e-10));
    assertThat(schedule.rate(1)).isZero();
    assertThat(schedule.rate(1.2)).as("a step that outlasts the time budget").isZero();
  }

  @Test
  void theWarmupRisesFromOnePercentToTheFullRate() {
    PolySchedule schedule = new PolySchedule(1, 0.1);
    assertThat(schedule.rate(0)).isCloseTo(0.01, within(EXACT));
    assertThat(schedule.rate(0.05)).isCloseTo(0.505, within(EXACT));
    assertThat(schedule.rate(0.1)).isCloseTo(1, within(EXACT));
    assertThat(schedule.rate(0.55)).isCloseTo(Math.pow(0.5, 0.9), within(EXACT));
  }
}
