package org.syntagen.server.account;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.syntagen.dataset.Fingerprint;

/**
 * A random secret of 160 bits that is shown once; tables hold only its hash.
 *
 * @param text what its owner keeps
 */
public record Secret(String text) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new secret. */
  public static Secret random() {
    byte[] bytes = new byte[20];
    RANDOM.nextBytes(bytes);
    return new Secret(HexFormat.of().formatHex(bytes));
  }

  /** SHA-256 in lower-case hex; enough for what nobody can guess. */
  public String hash() {
    return Fingerprint.ofText(text);
  }

  @Override
  public String toString() {
    return "Secret";
  }
}
