package org.syntagen.challenge;

/** Ranges of values in a competition's file. */
final class Ranges {
  private Ranges() {}

  /**
   * @throws IllegalArgumentException naming the key and the range unless the value lies within
   */
  static void within(String key, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s is %d; expected %d to %d".formatted(key, value, least, most));
    }
  }

  /** As above for numbers with a fraction; not a number lies nowhere. */
  static void within(String key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s is %s; expected %s to %s".formatted(key, value, least, most));
    }
  }
}
