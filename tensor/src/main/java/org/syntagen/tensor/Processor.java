package org.syntagen.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What this machine's processor is good at. */
public final class Processor {
  private static final boolean FAST_BF16 = fastBf16(cpuInfo());

  private Processor() {}

  /**
   * Whether products in bfloat16 take about half the time of those in 32 bits: with AMX, and on
   * AMD's processors with AVX-512 BF16. Intel's without AMX have the latter too, but take half as
   * long again.
   */
  public static boolean multipliesBf16Fast() {
    return FAST_BF16;
  }

  /**
   * @param cpuInfo Linux's /proc/cpuinfo, or nothing
   */
  static boolean fastBf16(String cpuInfo) {
    Set<String> words = new HashSet<>(List.of(cpuInfo.split("\\s+")));
    return words.contains("amx_bf16")
        || words.contains("AuthenticAMD") && words.contains("avx512_bf16");
  }

  private static String cpuInfo() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo"));
    } catch (IOException e) {
      return ""; // not Linux
    }
  }
}
