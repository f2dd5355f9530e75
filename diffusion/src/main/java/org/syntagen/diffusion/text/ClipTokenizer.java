package org.syntagen.diffusion.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.syntagen.diffusion.text.CaptionSplitter.Piece;

/**
 * CLIP's tokenizer (Radford et al., 2021): lower-cased byte-level byte-pair encoding with {@code
 * </w>} at the end of words, equal to transformers' CLIPTokenizer. Immutable and thread-safe.
 */
public final class ClipTokenizer {
  private final TokenizerFiles files;
  private final Map<String, int[]> added; // ids of words beside the vocabulary
  private final CaptionSplitter splitter;
  private final Map<String, Integer> ids = new HashMap<>();
  private final MergeTable merges = new MergeTable();
  private final int[] inside = new int[256]; // token of a byte within a word
  private final int[] last = new int[256]; // token of a byte that ends a word

  ClipTokenizer(TokenizerFiles files) {
    this(files, Map.of());
  }

  private ClipTokenizer(TokenizerFiles files, Map<String, int[]> added) {
    this.files = files;
    this.added = added;
    // transformers finds special tokens anywhere in a caption, the padding token among them.
    splitter = new CaptionSplitter(specials(), added.keySet());
    for (int id = 0; id < files.tokens().size(); id++) {
      ids.put(files.tokens().get(id), id);
    }
    files
        .merges()
        .forEach(m -> merges.add(ids.get(m.left()), ids.get(m.right()), ids.get(m.result())));
    int unknown = ids.get(TokenizerFiles.END);
    for (int b = 0; b < 256; b++) {
      String symbol = ByteSymbols.of(b);
      inside[b] = ids.getOrDefault(symbol, unknown);
      last[b] = ids.getOrDefault(symbol + ByteSymbols.END_OF_WORD, unknown);
    }
  }

  private Set<String> specials() {
    return new LinkedHashSet<>(List.of(TokenizerFiles.START, TokenizerFiles.END, files.padToken()));
  }

  /**
   * Reads a tokenizer folder: vocab.json and merges.txt, and the length and padding token from
   * tokenizer_config.json and special_tokens_map.json where there are such files.
   *
   * @throws org.syntagen.dataset.InputException if a file is missing, too large or inconsistent
   */
  public static ClipTokenizer read(Path folder) {
    return new ClipTokenizer(new TokenizerReader(folder).read());
  }

  /**
   * The same tokenizer with another token to fill short encodings: Stable Diffusion 2's text
   * encoder was trained with the token of id 0.
   *
   * @param id in 0 … vocabSize − 1
   */
  public ClipTokenizer padWith(int id) {
    return new ClipTokenizer(
        new TokenizerFiles(files.tokens(), files.merges(), files.maxLength(), token(id)), added);
  }

  /**
   * The same tokenizer with a word of its own, which becomes several tokens wherever it stands as a
   * whole word in a caption, as diffusers expands "word" to "word word_1 word_2" (its
   * maybe_convert_prompt). The letters' case does not matter.
   *
   * @param word may be several words; from now on it hides what its letters meant before
   * @param firstId of its tokens, whose ids follow each other
   * @throws IllegalArgumentException if the word is blank or {@link #reserved}
   */
  public ClipTokenizer withWord(String word, int firstId, int tokens) {
    String cleaned = CaptionSplitter.clean(word);
    if (cleaned.isEmpty() || reserved(cleaned)) {
      throw new IllegalArgumentException("the word '" + word + "' cannot be added");
    }
    Map<String, int[]> more = new HashMap<>(added);
    more.put(cleaned, IntStream.range(firstId, firstId + tokens).toArray());
    return new ClipTokenizer(files, more);
  }

  /** Whether a word is a special token or was added before. */
  public boolean reserved(String word) {
    String cleaned = CaptionSplitter.clean(word);
    return added.containsKey(cleaned) || specials().contains(cleaned);
  }

  /**
   * Writes the folder that {@link #read} takes, without added words; equal tokenizers give equal
   * bytes.
   */
  public void write(Path folder) throws IOException {
    files.write(folder);
  }

  /** Number of ids in every encoding. */
  public int maxLength() {
    return files.maxLength();
  }

  /** Number of tokens, without those of added words; their ids are less than this. */
  public int vocabSize() {
    return files.tokens().size();
  }

  /** Id of the token that begins every encoding. */
  public int startId() {
    return ids.get(TokenizerFiles.START);
  }

  /** Id of the token that ends every encoding. */
  public int endId() {
    return ids.get(TokenizerFiles.END);
  }

  /** Id of the token that fills short encodings. */
  public int padId() {
    return ids.get(files.padToken());
  }

  /** The text of a token as vocab.json has it, {@code </w>} included; not of added words. */
  public String token(long id) {
    return files.tokens().get(Math.toIntExact(id));
  }

  /**
   * Encodes a caption, cutting off what exceeds {@link #maxLength}.
   *
   * @throws org.syntagen.dataset.InputException if the caption is absurdly long
   */
  public Encoding encode(String caption) {
    String cleaned = CaptionSplitter.clean(caption);
    long[] encoding = new long[maxLength()];
    Arrays.fill(encoding, padId());
    encoding[0] = startId();
    int room = maxLength() - 1; // the row of the last possible end token
    int n = 1;
    String cutOff = "";
    for (Piece piece : splitter.split(cleaned)) {
      int[] tokens = tokens(piece);
      int fitting = Math.min(tokens.length, room - n);
      for (int i = 0; i < fitting; i++) {
        encoding[n++] = tokens[i];
      }
      if (fitting < tokens.length) {
        cutOff = remainder(piece, tokens, fitting) + cleaned.substring(piece.end());
        break;
      }
    }
    encoding[n++] = endId();
    return new Encoding(encoding, n, cutOff);
  }

  /**
   * The rows of a caption's encoding that stand for some words, for reading attention: one array
   * for each occurrence, in order. A word may take several tokens. Words match whole words, never
   * parts of them; occurrences that are cut off, even in part, do not count.
   *
   * @param words such as a class name, cleaned as captions are
   */
  public List<int[]> spans(String caption, String words) {
    List<TokenSpans.Rows> rows = new ArrayList<>();
    int n = 1;
    for (Piece piece : splitter.split(CaptionSplitter.clean(caption))) {
      int length = tokens(piece).length;
      rows.add(new TokenSpans.Rows(piece, n, n + length));
      n += length;
    }
    return TokenSpans.find(rows, splitter.split(CaptionSplitter.clean(words)), maxLength() - 1);
  }

  private int[] tokens(Piece piece) {
    if (piece.special()) {
      int[] word = added.get(piece.text());
      return word == null ? new int[] {ids.get(piece.text())} : word;
    }
    return merges.apply(symbols(piece.text()));
  }

  /** One token for each byte of a word, the last one marked as such. */
  private int[] symbols(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      int b = Byte.toUnsignedInt(bytes[i]);
      symbols[i] = i < bytes.length - 1 ? inside[b] : last[b];
    }
    return symbols;
  }

  /** The text of a piece after its first {@code kept} tokens; an added word's are numbered. */
  private String remainder(Piece piece, int[] tokens, int kept) {
    if (kept == 0) {
      return piece.text();
    }
    if (piece.special()) {
      return IntStream.range(kept, tokens.length)
          .mapToObj(i -> piece.text() + "_" + i)
          .collect(Collectors.joining(" "));
    }
    byte[] bytes = piece.text().getBytes(StandardCharsets.UTF_8);
    int done = 0;
    for (int i = 0; i < kept; i++) {
      done += tokens[i] == endId() ? 1 : token(tokens[i]).length(); // no </w> before the last token
    }
    return new String(bytes, done, bytes.length - done, StandardCharsets.UTF_8);
  }
}
