package org.syntagen.diffusion.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file's content must hash to.
 *
 * @param hex lower case
 */
record Checksum(Kind kind, String hex) {
  /** Hubs list SHA-256 for large files, and for those that git itself holds git's own hash. */
  enum Kind {
    SHA_256("SHA-256", 64),
    GIT_BLOB("SHA-1", 40);

    private final String algorithm;
    private final int digits;

    Kind(String algorithm, int digits) {
      this.algorithm = algorithm;
      this.digits = digits;
    }

    /** Whether a text can be a hash of this kind. */
    boolean fits(String hex) {
      return hex.matches("[0-9a-f]{" + digits + "}");
    }
  }

  /**
   * A digest that waits for a file's content.
   *
   * @param size of the content in bytes; git hashes it, too
   */
  MessageDigest digest(long size) {
    try {
      MessageDigest digest = MessageDigest.getInstance(kind.algorithm);
      if (kind == Kind.GIT_BLOB) {
        digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      }
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + kind.algorithm, e);
    }
  }

  /** Whether a digest has seen the right content; it cannot be used afterwards. */
  boolean matches(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest()).equals(hex);
  }
}
