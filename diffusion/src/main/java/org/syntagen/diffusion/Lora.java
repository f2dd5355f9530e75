package org.syntagen.diffusion;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;

/**
 * A low-rank change of a model (LoRA; Hu et al., 2021), which is merged into its weights as it is
 * loaded: W' = W + scale · (alpha / rank) · up · down.
 *
 * @param file safetensors or PyTorch's .bin, with the names of diffusers or of kohya's sd-scripts
 * @param scale strength of the change; 1 is as it was trained, negative is its opposite
 */
public record Lora(Path file, double scale) {
  private static final Pattern SCALED =
      Pattern.compile("(.+):([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)");

  /**
   * What became part of a model.
   *
   * @param fingerprint of the file's tensors
   */
  public record Merged(String fingerprint, double scale) {}

  /**
   * @throws InputException if the scale is no number
   */
  public Lora {
    if (!Double.isFinite(scale)) {
      throw new InputException(file + ": the scale of a LoRA is " + scale + ", expected a number");
    }
  }

  /**
   * Reads "FILE" or "FILE:SCALE".
   *
   * @throws InputException if the system has no such file names, or the scale is out of range
   */
  public static Lora parse(String text) {
    Matcher scaled = SCALED.matcher(text);
    boolean hasScale = scaled.matches();
    try {
      return new Lora(
          Path.of(hasScale ? scaled.group(1) : text),
          hasScale ? Double.parseDouble(scaled.group(2)) : 1);
    } catch (InvalidPathException e) {
      throw new InputException(text + ": expected a LoRA as FILE or FILE:SCALE", e);
    }
  }
}
