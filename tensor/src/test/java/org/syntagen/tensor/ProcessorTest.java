package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {

  @ParameterizedTest
  @CsvSource({
    "vendor_id : GenuineIntel flags : fma avx512_bf16 amx_bf16 amx_tile, true",
    "vendor_id : GenuineIntel flags : fma avx512_bf16, false",
    "vendor_id : AuthenticAMD flags : fma avx512_bf16, true",
    "vendor_id : AuthenticAMD flags : fma avx2, false",
    "'', false"
  })
  void bfloat16IsFastWithAmxAndOnAmd(String cpuInfo, boolean fast) {
    assertThat(Processor.fastBf16(cpuInfo)).isEqualTo(fast);
  }
}
