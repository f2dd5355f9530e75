package org.syntagen.challenge.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.syntagen.challenge.Documents;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;

class ReceiptTest {
  private static final Instant NOW = Instant.parse("2024-05-25T06:58:59.123456Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private static Manifest manifest(long seed) {
    String hash = Fingerprint.ofText("x");
    return new Manifest(
        1, "team", seed, 1, hash, hash, hash, "stable-diffusion-1", Map.of(), Map.of(), "tool");
  }

  @Test
  void aReceiptHoldsForItsManifestTimeAndKeyAlone() {
    HostKey key = HostKey.generate();
    Receipt receipt = Receipt.issue(manifest(1), key, CLOCK);
    assertThat(receipt.time()).isEqualTo("2024-05-25T06:58:59.123Z");
    assertThat(receipt.isFor(manifest(1), key.publicKey())).isTrue();
    assertThat(receipt.isFor(manifest(2), key.publicKey())).isFalse();
    assertThat(receipt.isFor(manifest(1), HostKey.generate().publicKey())).isFalse();
    Receipt earlier =
        new Receipt(receipt.manifest(), receipt.time().minusSeconds(60), receipt.signature());
    assertThat(earlier.isFor(manifest(1), key.publicKey())).isFalse();
    Receipt other = new Receipt(manifest(2).hash(), receipt.time(), receipt.signature());
    assertThat(other.isFor(manifest(2), key.publicKey())).isFalse();
    for (String signature : new String[] {"", "!", "AAAA", receipt.signature().substring(4)}) {
      assertThat(
              new Receipt(receipt.manifest(), receipt.time(), signature)
                  .isFor(manifest(1), key.publicKey()))
          .isFalse();
    }
  }

  @Test
  void aReceiptAndTheKeysSurviveBeingText() {
    HostKey key = HostKey.parse(HostKey.generate().toPem());
    Receipt receipt = Receipt.issue(manifest(1), key, CLOCK);
    Receipt read =
        Documents.fromJson(Documents.toCanonicalJson(receipt), Receipt.class, "receipt.json");
    assertThat(read).isEqualTo(receipt);
    assertThat(read.isFor(manifest(1), HostKey.parsePublic(key.publicPem()))).isTrue();
    assertThat(key.publicPem()).doesNotContain("PRIVATE");
  }

  /** A key and a signature of OpenSSL 3 (pkeyutl -sign -rawin). */
  @Test
  void whatOpensslSignedVerifies() {
    assertThat(
            HostKey.verifies(
                HostKey.parsePublic(
                    """
                    -----BEGIN PUBLIC KEY-----
                    MCowBQYDK2VwAyEA9mKa1HDWuXxgkdcwU/diJbllMzGkGRUJEnSxKmPHq2Q=
                    -----END PUBLIC KEY-----
                    """),
                "syntagen",
                "J7oWzkDwyDl57egK1FKf351Z8udk3g+RADS83KYMGAhVvNrWrk+lpOUdnl74t3+wbD8Cn1TRtj3GMaUYXaZECQ=="))
        .isTrue();
  }

  @Test
  void damagedKeysAreRefused() {
    String pem = HostKey.generate().publicPem();
    for (String text : new String[] {"", "key", pem.replace("MCow", "MCox"), pem.substring(20)}) {
      assertThatExceptionOfType(InputException.class).isThrownBy(() -> HostKey.parsePublic(text));
    }
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> HostKey.parse(pem))
        .withMessageContaining("private key");
  }
}
