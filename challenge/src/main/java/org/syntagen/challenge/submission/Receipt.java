package org.syntagen.challenge.submission;

import java.security.PublicKey;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.syntagen.challenge.Documents;

/**
 * The host's word that it has seen a manifest, and when. It decides whether a commitment was in
 * time, and neither side can take it back.
 *
 * @param manifest {@link Manifest#hash}
 * @param time the host's, to the millisecond
 * @param signature of both, Ed25519 in base64
 */
public record Receipt(String manifest, Instant time, String signature) {
  // Part of what is signed, so that a signature made for something else is no receipt.
  private static final String KIND = "syntagen-receipt-1";

  /** A receipt for a manifest as of now. */
  public static Receipt issue(Manifest manifest, HostKey key, Clock clock) {
    Instant time = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    String hash = manifest.hash();
    return new Receipt(hash, time, key.sign(signed(hash, time)));
  }

  /** Whether the holder of a key signed this receipt for this manifest. */
  public boolean isFor(Manifest manifest, PublicKey key) {
    return this.manifest.equals(manifest.hash())
        && HostKey.verifies(key, signed(this.manifest, time), signature);
  }

  /** Canonical JSON, so that anybody can check the signature without this program. */
  private static String signed(String manifest, Instant time) {
    return Documents.toCanonicalJson(
        Map.of("kind", KIND, "manifest", manifest, "time", time.toString()));
  }
}
