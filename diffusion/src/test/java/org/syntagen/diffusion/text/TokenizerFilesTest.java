package org.syntagen.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;

class TokenizerFilesTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeAValidFolder() {
    TokenizerFolders.write(folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vocab.json", "merges.txt"})
  void aMissingFileIsNamed(String name) throws IOException {
    Files.delete(folder.resolve(name));
    assertRefused(name, "no such file; expected a tokenizer folder with vocab.json and merges.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vocab.json", "merges.txt", "tokenizer_config.json"})
  void aHugeFileIsRefusedUnread(String name) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve(name).toFile(), "rw")) {
      file.setLength(3L << 30); // sparse
    }
    assertRefused(name, "larger than 16777216 bytes");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          vocab.json            | [1, 2]                 | expected a JSON object
          vocab.json            | {"a": 0                | not valid JSON
          vocab.json            | {"a": 0, "a": 1}       | not valid JSON: Duplicate
          vocab.json            | {"a": 0, "b": 0}       | tokens 'a' and 'b' share id 0
          vocab.json            | {"a": 1}               | token 'a' has id '1'; expected ids 0 to 0
          vocab.json            | {"a": -1}              | token 'a' has id '-1'
          vocab.json            | {"a": 1e9}             | token 'a' has id
          vocab.json            | {"a": "0"}             | token 'a' has id
          vocab.json            | {"a": 0}               | token <|startoftext|> is missing
          vocab.json            | {}                     | token <|startoftext|> is missing
          merges.txt            | c a t                  | line 1: expected two tokens
          merges.txt            | c                      | line 1: expected two tokens
          merges.txt            | x y                    | line 1: token 'xy' is not in vocab.json
          merges.txt            | qqq a                  | line 1: token 'qqq' is not in vocab.json
          tokenizer_config.json | {"model_max_length":2} | model_max_length is '2'; expected 3 to 4096
          tokenizer_config.json | {"model_max_length":5e5} | model_max_length is
          tokenizer_config.json | {"model_max_length":"77"} | model_max_length is
          tokenizer_config.json | {"pad_token":"zzz"}    | pad_token is '"zzz"'; expected a token of
          tokenizer_config.json | {"pad_token":""}       | pad_token is
          special_tokens_map.json | {"pad_token":7}      | pad_token is '7'
          special_tokens_map.json | nonsense             | not valid JSON
          """)
  void aWrongFileIsNamedInOneLine(String name, String content, String message) throws IOException {
    Files.writeString(folder.resolve(name), content);
    assertRefused(name, message);
  }

  @Test
  void aRepeatedMergeIsRefused() throws IOException {
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\nc a\nc a\n");
    assertRefused("merges.txt", "line 3: the merge 'c a' appears twice");
  }

  @Test
  void brokenTextIsRefused() throws IOException {
    Files.write(folder.resolve("merges.txt"), new byte[] {'c', ' ', (byte) 0xff});
    assertRefused("merges.txt", "not UTF-8 text");
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    Files.writeString(folder.resolve("vocab.json"), "[".repeat(1_000_000));
    assertRefused("vocab.json", "not valid JSON");
  }

  @Test
  void lengthAndPaddingMayBeLeftOut() throws IOException {
    Files.delete(folder.resolve("tokenizer_config.json"));
    Files.delete(folder.resolve("special_tokens_map.json"));
    ClipTokenizer tokenizer = ClipTokenizer.read(folder);
    assertThat(tokenizer.maxLength()).isEqualTo(77);
    assertThat(tokenizer.padId()).isEqualTo(tokenizer.endId());
  }

  /** As transformers writes them: an object for a token, 10^30 for no known length. */
  @Test
  void theLongFormsOfTransformersAreUnderstood() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"model_max_length\": 1000000000000000019884624838656}");
    Files.writeString(
        folder.resolve("special_tokens_map.json"), "{\"pad_token\": {\"content\": \"!\"}}");
    ClipTokenizer tokenizer = ClipTokenizer.read(folder);
    assertThat(tokenizer.maxLength()).isEqualTo(77);
    assertThat(tokenizer.padId()).isZero();
  }

  @Test
  void windowsLineEndsAndBlankLinesInMergesAreHarmless() throws IOException {
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\r\nc a\r\nca t</w>\r\n\r\n");
    assertThat(ClipTokenizer.read(folder).encode("cat").ids()).contains(513);
  }

  @Test
  void theFilesHaveClipsLayout() throws IOException {
    String merges = Files.readString(folder.resolve("merges.txt"), StandardCharsets.UTF_8);
    assertThat(merges).isEqualTo("#version: 0.2\nc a\nca t</w>\n");
    assertThat(Files.readString(folder.resolve("vocab.json")))
        .startsWith("{\n  \"!\" : 0,")
        .contains("\"a</w>\" : 320,")
        .endsWith("\"<|endoftext|>\" : 515\n}\n");
    assertThat(Files.readString(folder.resolve("tokenizer_config.json")))
        .contains("\"model_max_length\" : 8", "\"tokenizer_class\" : \"CLIPTokenizer\"");
    assertThat(Files.readString(folder.resolve("special_tokens_map.json")))
        .contains("\"pad_token\" : \"<|endoftext|>\"");
  }

  private void assertRefused(String file, String message) {
    assertThatThrownBy(() -> ClipTokenizer.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(folder.resolve(file) + ": ")
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }
}
