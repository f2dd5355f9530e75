package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.syntagen.diffusion.scheduler.SchedulerKind;

class ParametersTextTest {
  @Test
  void theTextIsWhatImageToolsExpect() {
    GenerationSettings settings =
        new GenerationSettings(512, 768, 25, 7.5, "ugly, blurred", SchedulerKind.EULER_ANCESTRAL);
    assertThat(ParametersText.of(settings, "a cat", 42, Map.of("Model fingerprint", "ab12")))
        .isEqualTo(
            """
            a cat
            Negative prompt: ugly, blurred
            Steps: 25, Sampler: Euler a, CFG scale: 7.5, Seed: 42, Size: 512x768, \
            Model fingerprint: ab12""");
  }

  @Test
  void whatIsNotSetIsLeftOutAndWhatWouldBreakTheLineIsQuoted() {
    GenerationSettings settings =
        new GenerationSettings(64, 64, 1, 10, "", SchedulerKind.DPM_SOLVER_PP_2M, 0.7);
    Map<String, String> more = new LinkedHashMap<>();
    more.put("TI", "a: 1, \"b\": 2");
    more.put("Version", "syntagen 0.1.0");
    assertThat(ParametersText.of(settings, "two\nlines", 1, more))
        .isEqualTo(
            """
            two
            lines
            Steps: 1, Sampler: DPM++ 2M, CFG scale: 10, Seed: 1, Size: 64x64, \
            Guidance rescale: 0.7, TI: "a: 1, \\"b\\": 2", Version: syntagen 0.1.0""");
  }
}
