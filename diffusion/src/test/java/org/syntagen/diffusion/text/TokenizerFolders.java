package org.syntagen.diffusion.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.syntagen.diffusion.text.TokenizerFiles.Merge;

/** Tokenizers made from merges alone, numbered as CLIP numbers its vocabulary. */
final class TokenizerFolders {
  private TokenizerFolders() {}

  static TokenizerFiles files(int maxLength, String padToken, List<String> merges) {
    List<String> tokens = new ArrayList<>(ByteSymbols.inVocabularyOrder());
    ByteSymbols.inVocabularyOrder().forEach(s -> tokens.add(s + ByteSymbols.END_OF_WORD));
    List<Merge> pairs = new ArrayList<>();
    for (String line : merges) {
      String[] parts = line.split(" ");
      pairs.add(new Merge(parts[0], parts[1]));
      tokens.add(parts[0] + parts[1]);
    }
    tokens.add(TokenizerFiles.START);
    tokens.add(TokenizerFiles.END);
    return new TokenizerFiles(tokens, pairs, maxLength, padToken);
  }

  static ClipTokenizer tokenizer(int maxLength, String... merges) {
    return new ClipTokenizer(files(maxLength, TokenizerFiles.END, Arrays.asList(merges)));
  }

  /** Writes a small valid folder. */
  static Path write(Path folder) {
    try {
      files(8, TokenizerFiles.END, List.of("c a", "ca t</w>")).write(folder);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
