package org.syntagen.server;

import java.util.regex.Pattern;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.server.submission.Reason;

/**
 * One way to spoil a file that would be accepted.
 *
 * @param kind what is wrong with it
 * @param reason why it must be rejected
 * @param message what its team must be told
 * @param spoiling makes the spoiled file from the sound one; where, and how much, is up to chance
 */
record Fault<T>(String kind, Reason reason, Pattern message, Spoiling<T> spoiling) {
  /** Makes a spoiled file. */
  interface Spoiling<T> {
    byte[] of(T sound, SplitMix64 random);
  }

  static <T> Fault<T> of(String kind, Reason reason, String message, Spoiling<T> spoiling) {
    return new Fault<>(kind, reason, Pattern.compile(message), spoiling);
  }

  /** One of several values. */
  @SafeVarargs
  static <V> V any(SplitMix64 random, V... values) {
    return values[random.nextInt(values.length)];
  }

  static byte[] noise(SplitMix64 random, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextLong();
    }
    return bytes;
  }
}
