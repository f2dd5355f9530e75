package org.syntagen.diffusion;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.syntagen.diffusion.ModelFolder.Part;
import org.syntagen.tensor.StateDict;

/** Joins the fingerprints of a model's parts and of the LoRAs merged into them. */
final class Fingerprints {
  private Fingerprints() {}

  /** The line of a part's weights as they are stored. */
  static String line(Part part, StateDict stored) {
    return part.folder() + " " + stored.fingerprint() + "\n";
  }

  /** The line of a LoRA that is merged into the parts. */
  static String line(Lora.Merged lora) {
    return "lora " + lora.fingerprint() + " " + lora.scale() + "\n";
  }

  /** SHA-256 of lines "part fingerprint", in hexadecimal. */
  static String combine(String lines) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(lines.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
