package org.syntagen.diffusion.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.syntagen.diffusion.text.CaptionSplitter.Piece;
import org.syntagen.diffusion.text.TokenizerFiles.Merge;

/**
 * Learns a tokenizer from captions by byte-pair encoding (Sennrich et al., 2016): it merges the
 * most frequent pair of neighbouring tokens again and again, until every distinct word is one token
 * or the merges are used up. For small vocabularies: each merge counts all distinct words anew. The
 * result depends on how often words occur and not on the order of the captions.
 */
public final class BpeTrainer {
  private final int maxMerges;
  private final int maxLength;

  /**
   * A trainer.
   *
   * @param maxMerges at most so many merges, 0 or more
   * @param maxLength tokens an encoding, start and end included, 3 to 4096
   */
  public BpeTrainer(int maxMerges, int maxLength) {
    if (maxMerges < 0) {
      throw new IllegalArgumentException("merges must be 0 or more, not " + maxMerges);
    }
    this.maxMerges = maxMerges;
    this.maxLength = maxLength;
  }

  /** A distinct word: its current tokens and how often it occurs. */
  private static final class Word {
    private int[] tokens;
    private final long count;

    private Word(int[] tokens, long count) {
      this.tokens = tokens;
      this.count = count;
    }
  }

  /**
   * Learns from captions. Ids are numbered as CLIP's: 256 bytes, 256 bytes that end a word, the
   * merges' results, and the start and end tokens.
   */
  public ClipTokenizer train(Iterable<String> captions) {
    List<String> tokens = new ArrayList<>(ByteSymbols.inVocabularyOrder());
    ByteSymbols.inVocabularyOrder().forEach(s -> tokens.add(s + ByteSymbols.END_OF_WORD));
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    List<Word> words = words(captions, ids);
    List<Merge> merges = new ArrayList<>();
    while (merges.size() < maxMerges) {
      Long pair = mostFrequent(words);
      if (pair == null) {
        break;
      }
      Merge merge = new Merge(tokens.get((int) (pair >> 32)), tokens.get(pair.intValue()));
      merges.add(merge);
      // Two merges may spell the same token, which then keeps its first id.
      int result =
          ids.computeIfAbsent(
              merge.result(),
              token -> {
                tokens.add(token);
                return tokens.size() - 1;
              });
      words.forEach(word -> word.tokens = MergeTable.merge(word.tokens, pair, result));
    }
    tokens.add(TokenizerFiles.START);
    tokens.add(TokenizerFiles.END);
    return new ClipTokenizer(new TokenizerFiles(tokens, merges, maxLength, TokenizerFiles.END));
  }

  private static List<Word> words(Iterable<String> captions, Map<String, Integer> ids) {
    CaptionSplitter splitter =
        new CaptionSplitter(List.of(TokenizerFiles.START, TokenizerFiles.END));
    Map<String, Long> counts = new TreeMap<>();
    for (String caption : captions) {
      for (Piece piece : splitter.split(CaptionSplitter.clean(caption))) {
        if (!piece.special()) {
          counts.merge(piece.text(), 1L, Long::sum);
        }
      }
    }
    List<Word> words = new ArrayList<>();
    counts.forEach((text, count) -> words.add(new Word(symbols(text, ids), count)));
    return words;
  }

  private static int[] symbols(String text, Map<String, Integer> ids) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      String symbol = ByteSymbols.of(Byte.toUnsignedInt(bytes[i]));
      symbols[i] = ids.get(i < bytes.length - 1 ? symbol : symbol + ByteSymbols.END_OF_WORD);
    }
    return symbols;
  }

  /** The pair that occurs most often, the one of lowest ids on ties; null when none is left. */
  private static Long mostFrequent(List<Word> words) {
    Map<Long, Long> counts = new TreeMap<>();
    for (Word word : words) {
      for (int i = 0; i + 1 < word.tokens.length; i++) {
        counts.merge(MergeTable.pair(word.tokens[i], word.tokens[i + 1]), word.count, Long::sum);
      }
    }
    Long best = null;
    long most = 0;
    for (Map.Entry<Long, Long> entry : counts.entrySet()) {
      if (entry.getValue() > most) {
        most = entry.getValue();
        best = entry.getKey();
      }
    }
    return best;
  }
}
