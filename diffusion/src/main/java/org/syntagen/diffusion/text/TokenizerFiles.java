package org.syntagen.diffusion.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.syntagen.dataset.AtomicFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The content of a tokenizer folder in CLIP's layout: vocab.json, merges.txt, tokenizer_config.json
 * and special_tokens_map.json. {@link TokenizerReader} reads it.
 *
 * @param tokens by id, all different, {@link #START} and {@link #END} among them
 * @param merges by rank, all different; their parts and results are tokens
 * @param maxLength tokens an encoding, start and end included, 3 to 4096
 * @param padToken the token that fills short encodings
 */
record TokenizerFiles(List<String> tokens, List<Merge> merges, int maxLength, String padToken) {
  static final String START = "<|startoftext|>";
  static final String END = "<|endoftext|>";

  static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";
  static final String CONFIG = "tokenizer_config.json";
  static final String SPECIALS = "special_tokens_map.json";

  static final int LEAST_MAX_LENGTH = 3;
  static final int LARGEST_MAX_LENGTH = 4096;

  private static final String MERGES_HEADER = "#version: 0.2";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Two neighbouring tokens that become one. */
  record Merge(String left, String right) {
    String result() {
      return left + right;
    }
  }

  TokenizerFiles {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
    if (maxLength < LEAST_MAX_LENGTH || maxLength > LARGEST_MAX_LENGTH) {
      throw new IllegalArgumentException(
          "model_max_length must be "
              + LEAST_MAX_LENGTH
              + " to "
              + LARGEST_MAX_LENGTH
              + ", not "
              + maxLength);
    }
  }

  /** Writes the four files; equal contents give equal bytes. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    ObjectNode vocabulary = JSON.createObjectNode();
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
    }
    StringBuilder lines = new StringBuilder(MERGES_HEADER).append('\n');
    merges.forEach(m -> lines.append(m.left).append(' ').append(m.right).append('\n'));
    ObjectNode specials =
        JSON.createObjectNode()
            .put("bos_token", START)
            .put("eos_token", END)
            .put("pad_token", padToken)
            .put("unk_token", END);
    ObjectNode config =
        specials
            .deepCopy()
            .put("add_prefix_space", false)
            .put("do_lower_case", true)
            .put("errors", "replace")
            .put("model_max_length", maxLength)
            .put("tokenizer_class", "CLIPTokenizer");
    AtomicFile.writeText(folder.resolve(MERGES), lines.toString());
    writeJson(folder.resolve(VOCABULARY), vocabulary);
    writeJson(folder.resolve(SPECIALS), specials);
    writeJson(folder.resolve(CONFIG), config);
  }

  private static void writeJson(Path file, JsonNode json) throws IOException {
    // The same bytes on every platform; strings hold no raw line breaks.
    String text = JSON.writeValueAsString(json).replace("\r\n", "\n");
    AtomicFile.writeText(file, text + "\n");
  }
}
