package org.syntagen.diffusion.text;

import java.util.ArrayList;
import java.util.List;

/**
 * The printable character that stands for each byte in vocabulary files (Radford et al., 2019):
 * printable Latin-1 characters stand for themselves, the others are moved above U+00FF.
 */
final class ByteSymbols {
  /** Marks the last symbol of a word. */
  static final String END_OF_WORD = "</w>";

  private static final char[] SYMBOLS = new char[256]; // by byte
  private static final List<String> IN_VOCABULARY_ORDER;

  static {
    List<String> printable = new ArrayList<>();
    List<String> moved = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      boolean own = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      SYMBOLS[b] = (char) (own ? b : 256 + moved.size());
      (own ? printable : moved).add(String.valueOf(SYMBOLS[b]));
    }
    printable.addAll(moved);
    IN_VOCABULARY_ORDER = List.copyOf(printable);
  }

  private ByteSymbols() {}

  /** The symbol of a byte 0 to 255. */
  static String of(int unsignedByte) {
    return String.valueOf(SYMBOLS[unsignedByte]);
  }

  /** All 256 symbols in the order in which CLIP numbers them. */
  static List<String> inVocabularyOrder() {
    return IN_VOCABULARY_ORDER;
  }
}
