package org.syntagen.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * CLIP's real vocabulary, from openai/CLIP's bpe_simple_vocab_16e6.txt.gz. The file is not part of
 * the project; the tests run where {@code -Dsyntagen.clip.bpe=FILE} names it or it lies beside the
 * checkout.
 */
class ClipVocabularyTest {
  private static final int MERGES = 49152 - 256 - 2;

  private static ClipTokenizer tokenizer;

  @BeforeAll
  static void readTheVocabulary(@TempDir Path folder) throws IOException {
    Path file =
        Path.of(
            System.getProperty(
                "syntagen.clip.bpe", "../../shared/reference/data/bpe_simple_vocab_16e6.txt.gz"));
    boolean present = Files.isRegularFile(file);
    if (!present) {
      System.out.println("CLIP vocabulary tests skipped: no " + file);
    }
    assumeTrue(present, "no CLIP vocabulary at " + file);
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      List<String> merges = in.lines().skip(1).limit(MERGES).toList();
      TokenizerFolders.files(77, TokenizerFiles.END, merges).write(folder);
    }
    tokenizer = ClipTokenizer.read(folder);
  }

  @Test
  void itHasClipsSize() {
    assertThat(tokenizer.vocabSize()).isEqualTo(49408);
    assertThat(tokenizer.startId()).isEqualTo(49406);
    assertThat(tokenizer.endId()).isEqualTo(49407);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a photo of a cat | 320 1125 539 320 2368",
        "bicycle | 11652",
        "bird | 3329",
        "boat | 4440",
        "bottle | 5392",
        "bus | 2840",
        "car | 1615",
        "chair | 4269",
        "cow | 9706",
        "dog | 1929",
        "horse | 4558",
        "motorbike | 33341",
        "person | 2533",
        "sheep | 9629",
        "sofa | 15723",
        "train | 3231",
        "airplane | 16451",
        "bike | 3701",
        "motorcycle | 10297",
        "couch | 12724",
        "dining table | 8658 2175",
        "potted plant | 48581 3912",
        "tv monitor | 1583 10198",
        "television | 8608",
        "aeroplane | 27735 3980",
        "diningtable | 1462 653 2175",
        "pottedplant | 3547 4841 3912",
        "tvmonitor | 3197 10198",
      })
  void captionsHaveClipsIds(String caption, String expected) {
    long[] body = Arrays.stream(expected.split(" ")).mapToLong(Long::parseLong).toArray();
    Encoding encoding = tokenizer.encode(caption);
    assertThat(encoding.tokens()).isEqualTo(body.length + 2);
    assertThat(encoding.ids()[0]).isEqualTo(49406);
    assertThat(Arrays.copyOfRange(encoding.ids(), 1, 1 + body.length)).containsExactly(body);
    assertThat(Arrays.copyOfRange(encoding.ids(), 1 + body.length, 77)).containsOnly(49407);
  }

  @Test
  void wordsAreFoundByTheirTokens() {
    String caption = "A photo of an aeroplane, a dining table and a tvmonitor; another aeroplane.";
    assertThat(tokenizer.spans(caption, "aeroplane"))
        .containsExactly(new int[] {5, 6}, new int[] {17, 18});
    assertThat(tokenizer.spans(caption, "dining table")).containsExactly(new int[] {9, 10});
    assertThat(tokenizer.spans(caption, "tvmonitor")).containsExactly(new int[] {13, 14});
    assertThat(tokenizer.spans(caption, "plane")).isEmpty();
  }

  @Test
  void aLongCaptionKeepsSeventyFiveTokens() {
    Encoding encoding = tokenizer.encode("cat ".repeat(74) + "aeroplane and more");
    assertThat(encoding.tokens()).isEqualTo(77);
    assertThat(encoding.ids()[75]).isEqualTo(27735);
    assertThat(encoding.ids()[76]).isEqualTo(49407);
    assertThat(encoding.cutOff()).isEqualTo("lane and more");
    assertThat(tokenizer.spans("cat ".repeat(74) + "aeroplane", "aeroplane")).isEmpty();
  }

  /** What transformers' CLIPTokenizer makes of captions that parity/diffusion/captions.py wrote. */
  @Test
  void aThousandCaptionsHaveTheIdsOfTransformers() throws IOException {
    JsonMapper json = JsonMapper.builder().build();
    List<String> different = new ArrayList<>();
    int captions = 0;
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                getClass().getResourceAsStream("clip-captions.jsonl"), StandardCharsets.UTF_8))) {
      for (String line; (line = in.readLine()) != null; captions++) {
        JsonNode node = json.readTree(line);
        long[] ids = tokenizer.encode(node.path("caption").asString()).ids();
        long[] expected = new long[77];
        Arrays.fill(expected, tokenizer.padId());
        for (int i = 0; i < node.path("ids").size(); i++) {
          expected[i] = node.path("ids").get(i).asLong();
        }
        if (!Arrays.equals(ids, expected)) {
          different.add(line + " became " + Arrays.toString(ids));
        }
      }
    }
    assertThat(captions).isEqualTo(1000);
    assertThat(different).isEmpty();
  }
}
