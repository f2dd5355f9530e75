package org.syntagen.diffusion.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.text.TokenizerFiles.Merge;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a tokenizer folder and believes nothing it has not checked: sizes are bounded, ids run from
 * 0 without gaps, merges are made of known tokens.
 */
final class TokenizerReader {
  private static final int MAX_BYTES = 16 << 20;

  /** CLIP's number of positions, for folders that do not say. */
  private static final int DEFAULT_MAX_LENGTH = 77;

  /** transformers writes a model_max_length of 10^30 when it knows none. */
  private static final double NO_LIMIT = 1e9;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path folder;

  TokenizerReader(Path folder) {
    this.folder = folder;
  }

  TokenizerFiles read() {
    List<String> tokens = vocabulary();
    Set<String> known = new HashSet<>(tokens);
    for (String special : List.of(TokenizerFiles.START, TokenizerFiles.END)) {
      if (!known.contains(special)) {
        throw wrong(TokenizerFiles.VOCABULARY, "token " + special + " is missing");
      }
    }
    String pad = padToken(TokenizerFiles.CONFIG, TokenizerFiles.END, known);
    pad = padToken(TokenizerFiles.SPECIALS, pad, known);
    return new TokenizerFiles(tokens, merges(known), maxLength(), pad);
  }

  private List<String> vocabulary() {
    String file = TokenizerFiles.VOCABULARY;
    JsonNode json = json(file);
    String[] tokens = new String[json.size()];
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      String token = entry.getKey();
      JsonNode id = entry.getValue();
      if (!id.isInt() || id.intValue() < 0 || id.intValue() >= tokens.length) {
        String found = "token " + quote(token) + " has id " + quote(id.toString());
        throw wrong(file, found + "; expected ids 0 to " + (tokens.length - 1) + ", each once");
      }
      String other = tokens[id.intValue()];
      if (other != null) {
        throw wrong(file, "tokens " + quote(other) + " and " + quote(token) + " share id " + id);
      }
      tokens[id.intValue()] = token;
    }
    return Arrays.asList(tokens);
  }

  private List<Merge> merges(Set<String> known) {
    String[] lines = text(TokenizerFiles.MERGES).split("\r?\n");
    Set<Merge> seen = new HashSet<>();
    List<Merge> merges = new ArrayList<>();
    for (int i = 0; i < lines.length; i++) {
      boolean header = i == 0 && lines[i].startsWith("#version");
      if (header || lines[i].isEmpty()) {
        continue;
      }
      Merge merge = merge(lines[i], i + 1, known);
      if (!seen.add(merge)) {
        throw wrongLine(i + 1, "the merge " + quote(lines[i]) + " appears twice");
      }
      merges.add(merge);
    }
    return merges;
  }

  private Merge merge(String line, int number, Set<String> known) {
    String[] parts = line.split(" ", -1);
    if (parts.length != 2) {
      throw wrongLine(number, "expected two tokens and one space, found " + quote(line));
    }
    Merge merge = new Merge(parts[0], parts[1]);
    for (String token : List.of(merge.left(), merge.right(), merge.result())) {
      if (!known.contains(token)) {
        throw wrongLine(
            number, "token " + quote(token) + " is not in " + TokenizerFiles.VOCABULARY);
      }
    }
    return merge;
  }

  private int maxLength() {
    String file = TokenizerFiles.CONFIG;
    JsonNode value = optionalJson(file).path("model_max_length");
    if (value.isMissingNode() || value.isNull() || value.asDouble(0) > NO_LIMIT) {
      return DEFAULT_MAX_LENGTH;
    }
    int least = TokenizerFiles.LEAST_MAX_LENGTH;
    int largest = TokenizerFiles.LARGEST_MAX_LENGTH;
    if (!value.isInt() || value.intValue() < least || value.intValue() > largest) {
      String found = "model_max_length is " + quote(value.toString());
      throw wrong(file, found + "; expected " + least + " to " + largest);
    }
    return value.intValue();
  }

  private String padToken(String file, String missing, Set<String> known) {
    JsonNode value = optionalJson(file).path("pad_token");
    if (value.isMissingNode() || value.isNull()) {
      return missing;
    }
    JsonNode content = value.isObject() ? value.path("content") : value;
    String token = content.isString() ? content.stringValue() : "";
    if (token.isEmpty() || !known.contains(token)) {
      String found = "pad_token is " + quote(value.toString());
      throw wrong(file, found + "; expected a token of " + TokenizerFiles.VOCABULARY);
    }
    return token;
  }

  private JsonNode optionalJson(String file) {
    return Files.exists(folder.resolve(file)) ? json(file) : JSON.createObjectNode();
  }

  private JsonNode json(String file) {
    try {
      JsonNode json = JSON.readTree(text(file));
      if (!json.isObject()) {
        throw wrong(file, "expected a JSON object");
      }
      return json;
    } catch (JacksonException e) {
      throw wrong(file, "not valid JSON: " + e.getOriginalMessage());
    }
  }

  private String text(String file) {
    Path path = folder.resolve(file);
    if (!Files.isRegularFile(path)) {
      throw wrong(
          file,
          "no such file; expected a tokenizer folder with "
              + TokenizerFiles.VOCABULARY
              + " and "
              + TokenizerFiles.MERGES);
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw wrong(file, "larger than " + MAX_BYTES + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw wrong(file, "not UTF-8 text");
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot be read", e);
    }
  }

  private InputException wrongLine(int number, String message) {
    return wrong(TokenizerFiles.MERGES, "line " + number + ": " + message);
  }

  private InputException wrong(String file, String message) {
    return new InputException(folder.resolve(file) + ": " + message);
  }

  private static String quote(String text) {
    return text.length() <= 40 ? "'" + text + "'" : "'" + text.substring(0, 40) + "…'";
  }
}
