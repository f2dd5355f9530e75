package org.syntagen.challenge.submission;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;

/**
 * The host's pair of Ed25519 keys (RFC 8032). As text it is PEM, as OpenSSL writes it: the private
 * key (PKCS #8), to be kept secret, and the public key (SubjectPublicKeyInfo), to be published.
 */
public final class HostKey {
  private static final String ALGORITHM = "Ed25519";
  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";

  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  private HostKey(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /** A new pair. */
  public static HostKey generate() {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      return new HostKey(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has Ed25519", e);
    }
  }

  /**
   * The pair that {@link #toPem} wrote.
   *
   * @throws InputException if a key is missing or damaged
   */
  public static HostKey parse(String pem) {
    try {
      PrivateKey privateKey =
          KeyFactory.getInstance(ALGORITHM)
              .generatePrivate(new PKCS8EncodedKeySpec(block(pem, PRIVATE)));
      return new HostKey(privateKey, parsePublic(pem));
    } catch (GeneralSecurityException e) {
      throw new InputException("the private key is damaged or not for Ed25519", e);
    }
  }

  /**
   * The public key in a text of PEM.
   *
   * @throws InputException if there is none or it is damaged
   */
  public static PublicKey parsePublic(String pem) {
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePublic(new X509EncodedKeySpec(block(pem, PUBLIC)));
    } catch (GeneralSecurityException e) {
      throw new InputException("the public key is damaged or not for Ed25519", e);
    }
  }

  /** Both keys; to be kept secret. */
  public String toPem() {
    return pem(PRIVATE, privateKey.getEncoded()) + publicPem();
  }

  /** The public key alone. */
  public String publicPem() {
    return pem(PUBLIC, publicKey.getEncoded());
  }

  /** The key to verify with. */
  public PublicKey publicKey() {
    return publicKey;
  }

  /** The signature of a text in UTF-8, in base64. */
  String sign(String text) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(privateKey);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("signing failed", e);
    }
  }

  /** Whether a signature in base64 is this key's of a text; a damaged one is not. */
  static boolean verifies(PublicKey key, String text, String signature) {
    try {
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(key);
      verifier.update(text.getBytes(StandardCharsets.UTF_8));
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  private static String pem(String kind, byte[] encoded) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return "-----BEGIN %s-----\n%s\n-----END %1$s-----\n".formatted(kind, lines);
  }

  private static byte[] block(String pem, String kind) {
    Matcher block =
        Pattern.compile(
                "-----BEGIN %s-----([A-Za-z0-9+/=\\s]{1,4096})-----END %1$s-----".formatted(kind))
            .matcher(pem);
    if (!block.find()) {
      throw new InputException("there is no " + kind.toLowerCase(Locale.ROOT) + "; expected PEM");
    }
    return Base64.getMimeDecoder().decode(block.group(1));
  }
}
