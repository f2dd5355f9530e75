package org.syntagen.diffusion;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.syntagen.diffusion.scheduler.SchedulerKind;

/**
 * What an image was made with, as AUTOMATIC1111's web UI writes it into PNG files under the keyword
 * "parameters", where image viewers and other tools look for it: the prompt, the negative prompt,
 * and a line of settings.
 */
public final class ParametersText {
  private ParametersText() {}

  /**
   * The text of an image.
   *
   * @param more settings beside those, in their order; values with commas or colons are quoted
   */
  public static String of(
      GenerationSettings settings, String caption, long seed, Map<String, String> more) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("Steps", Integer.toString(settings.steps()));
    values.put("Sampler", sampler(settings.scheduler()));
    values.put("CFG scale", number(settings.guidance()));
    values.put("Seed", Long.toString(seed));
    values.put("Size", settings.width() + "x" + settings.height());
    if (settings.guidanceRescale() > 0) {
      values.put("Guidance rescale", number(settings.guidanceRescale()));
    }
    values.putAll(more);
    String negative = settings.negativePrompt();
    return caption
        + (negative.isEmpty() ? "" : "\nNegative prompt: " + negative)
        + "\n"
        + values.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + quoted(entry.getValue()))
            .collect(Collectors.joining(", "));
  }

  /** The web UI's name. */
  private static String sampler(SchedulerKind kind) {
    return switch (kind) {
      case DDIM, DDPM, LCM, LMS -> kind.name();
      case PNDM -> "PLMS";
      case EULER -> "Euler";
      case EULER_ANCESTRAL -> "Euler a";
      case HEUN -> "Heun";
      case DPM_SOLVER_PP_2M -> "DPM++ 2M";
      case DPM_SOLVER_PP_2S -> "DPM++ 2S";
      case UNIPC -> "UniPC";
    };
  }

  /** 7.5 or 7, without needless digits. */
  private static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private static String quoted(String value) {
    return value.matches("[^,:\n\"]*")
        ? value
        : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
