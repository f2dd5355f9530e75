package org.syntagen.diffusion.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.syntagen.dataset.InputException;

/**
 * Cleans captions and splits them in pieces that byte-pair encoding never crosses: words, single
 * digits, runs of punctuation, English contractions, and special tokens. Cleaning and splitting are
 * those of transformers' CLIPTokenizer (composed Unicode, white space collapsed, lower case).
 */
final class CaptionSplitter {
  private static final int MAX_CHARACTERS = 10_000;

  private static final Pattern WHITE_SPACE = Pattern.compile("[\\s\\u0085\\p{Z}]+");

  private static final Pattern ENDS = Pattern.compile("^ | $");

  private static final Pattern PIECE =
      Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+");

  /**
   * A piece of a cleaned caption.
   *
   * @param start first character
   * @param end one past the last character
   * @param special whether the text names a special token or an added word
   */
  record Piece(String text, int start, int end, boolean special) {}

  private final Pattern specials;

  /** Splits at special tokens, wherever they stand. */
  CaptionSplitter(Collection<String> specials) {
    this(specials, List.of());
  }

  /**
   * Splits at special tokens and added words, the longest first.
   *
   * @param added cleaned; found as whole words only
   */
  CaptionSplitter(Collection<String> specials, Collection<String> added) {
    this.specials =
        Pattern.compile(
            Stream.concat(specials.stream(), added.stream())
                .sorted(Comparator.comparing(String::length).reversed())
                .map(text -> added.contains(text) ? wholeWord(text) : Pattern.quote(text))
                .collect(Collectors.joining("|")));
  }

  /**
   * Not within a longer word: "cat" is not in "cats" or "cat_2", but "&lt;cat>" is in "a&lt;cat>s".
   */
  private static String wholeWord(String word) {
    String letter = "[\\p{L}\\p{N}_]";
    boolean starts = word.substring(0, word.offsetByCodePoints(0, 1)).matches(letter);
    boolean ends = word.substring(word.offsetByCodePoints(word.length(), -1)).matches(letter);
    return (starts ? "(?<!" + letter + ")" : "")
        + Pattern.quote(word)
        + (ends ? "(?!" + letter + ")" : "");
  }

  /** The caption as the pieces' offsets count it. */
  static String clean(String caption) {
    if (caption.length() > MAX_CHARACTERS) {
      throw new InputException(
          "a caption has "
              + caption.length()
              + " characters; at most "
              + MAX_CHARACTERS
              + " are allowed");
    }
    String composed = Normalizer.normalize(caption, Normalizer.Form.NFC);
    String spaced = WHITE_SPACE.matcher(composed).replaceAll(" ");
    return lowerCase(ENDS.matcher(spaced).replaceAll(""));
  }

  /** Each character by itself: a capital sigma at the end of a word does not become a final one. */
  private static String lowerCase(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    text.codePoints().forEach(c -> lower.append(Character.toString(c).toLowerCase(Locale.ROOT)));
    return lower.toString();
  }

  /** The pieces of a cleaned caption, in order. */
  List<Piece> split(String cleaned) {
    List<Piece> pieces = new ArrayList<>();
    Matcher special = specials.matcher(cleaned);
    int done = 0;
    while (special.find()) {
      splitWords(cleaned, done, special.start(), pieces);
      pieces.add(new Piece(special.group(), special.start(), special.end(), true));
      done = special.end();
    }
    splitWords(cleaned, done, cleaned.length(), pieces);
    return pieces;
  }

  private static void splitWords(String cleaned, int from, int to, List<Piece> pieces) {
    Matcher piece = PIECE.matcher(cleaned).region(from, to);
    while (piece.find()) {
      pieces.add(new Piece(piece.group(), piece.start(), piece.end(), false));
    }
  }
}
