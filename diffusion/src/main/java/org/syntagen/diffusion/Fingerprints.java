package org.syntagen.diffusion;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Joins the fingerprints of a model's parts. */
final class Fingerprints {
  private Fingerprints() {}

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
