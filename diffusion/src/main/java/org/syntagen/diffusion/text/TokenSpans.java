package org.syntagen.diffusion.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.syntagen.diffusion.text.CaptionSplitter.Piece;

/**
 * Finds the rows of an encoding that stand for given words, by comparing the pieces that the
 * tokenizer itself makes of the caption and of the words.
 */
final class TokenSpans {
  /**
   * A piece of a caption and the rows of its tokens.
   *
   * @param from first row
   * @param to one past the last row
   */
  record Rows(Piece piece, int from, int to) {}

  private TokenSpans() {}

  /**
   * All rows of each occurrence, from left to right and without overlaps.
   *
   * @param end one past the last row that the encoding has room for
   */
  static List<int[]> find(List<Rows> caption, List<Piece> words, int end) {
    if (words.isEmpty()) {
      throw new IllegalArgumentException("words to find in a caption must not be blank");
    }
    List<int[]> spans = new ArrayList<>();
    int at = 0;
    while (at + words.size() <= caption.size()) {
      List<Rows> candidate = caption.subList(at, at + words.size());
      int to = candidate.get(words.size() - 1).to;
      if (to <= end && same(candidate, words)) {
        spans.add(IntStream.range(candidate.get(0).from, to).toArray());
        at += words.size();
      } else {
        at++;
      }
    }
    return spans;
  }

  /** Whether text and the gaps between pieces agree. */
  private static boolean same(List<Rows> candidate, List<Piece> words) {
    int shift = candidate.get(0).piece.start() - words.get(0).start();
    for (int i = 0; i < words.size(); i++) {
      Piece piece = candidate.get(i).piece;
      Piece word = words.get(i);
      if (piece.start() != word.start() + shift || !piece.text().equals(word.text())) {
        return false;
      }
    }
    return true;
  }
}
