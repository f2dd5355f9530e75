package org.syntagen.challenge.release;

import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.spec.SecretKeySpec;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;

/**
 * A key of AES-256. Its hash is published beforehand, so that no other key can be released later;
 * {@link #toString} tells that hash and never the key.
 */
public final class ReleaseKey {
  private static final int BYTES = 32;

  private final byte[] bytes;

  private ReleaseKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new key. */
  public static ReleaseKey generate() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return new ReleaseKey(bytes);
  }

  /**
   * The key that {@link #toHex} wrote.
   *
   * @throws InputException if the text is no key
   */
  public static ReleaseKey parse(String hex) {
    String text = hex.strip();
    if (!text.matches("[0-9a-f]{64}")) {
      throw new InputException("that is no key; expected 64 digits 0 to 9 and a to f");
    }
    return new ReleaseKey(HexFormat.of().parseHex(text));
  }

  /** The key itself, in lower-case hex; to be kept secret until the deadline. */
  public String toHex() {
    return HexFormat.of().formatHex(bytes);
  }

  /** SHA-256 of the key's bytes, in lower-case hex. */
  public String hash() {
    return HexFormat.of().formatHex(Fingerprint.sha256().digest(bytes));
  }

  SecretKeySpec secret() {
    return new SecretKeySpec(bytes, "AES");
  }

  @Override
  public String toString() {
    return "ReleaseKey[hash " + hash() + "]";
  }
}
