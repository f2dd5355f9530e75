package org.syntagen.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {
  private static final List<String> CAPTIONS =
      List.of(
          "a red aeroplane above a field",
          "a sheep, a cow and a dining table",
          "A photo of two sheep; caf\u00e9!",
          "a motorbike beside a bicycle");

  @Test
  void everyWordBecomesOneToken() {
    ClipTokenizer tokenizer = new BpeTrainer(1000, 16).train(CAPTIONS);
    assertThat(tokenizer.maxLength()).isEqualTo(16);
    for (String word :
        List.of("aeroplane", "sheep", "caf\u00e9", "motorbike", "bicycle", "table")) {
      Encoding encoding = tokenizer.encode(word);
      assertThat(encoding.tokens()).as(word).isEqualTo(3);
    }
    assertThat(tokenizer.spans("a dining table", "dining table")).containsExactly(new int[] {2, 3});
    // The start and end tokens come last, and ids leave no gap.
    assertThat(tokenizer.startId()).isEqualTo(tokenizer.vocabSize() - 2);
    assertThat(tokenizer.endId()).isEqualTo(tokenizer.vocabSize() - 1);
    assertThat(tokenizer.token(0)).isEqualTo("!");
    assertThat(tokenizer.token(320)).isEqualTo("a</w>");
  }

  @Test
  void wordsItNeverSawAreSpelled() {
    ClipTokenizer tokenizer = new BpeTrainer(1000, 16).train(List.of("cat"));
    assertThat(tokenizer.vocabSize()).isEqualTo(512 + 2 + 2);
    assertThat(tokenizer.encode("dog").tokens()).isEqualTo(5);
  }

  @Test
  void theMostFrequentPairComesFirstAndTiesGoToTheLowestIds() {
    ClipTokenizer tokenizer = new BpeTrainer(2, 16).train(List.of("ab ab xy cd"));
    assertThat(tokenizer.vocabSize()).isEqualTo(512 + 2 + 2);
    assertThat(tokenizer.token(512)).isEqualTo("ab</w>");
    assertThat(tokenizer.token(513)).isEqualTo("cd</w>");
  }

  /** Words of two letters alone, where merges overlap in every way they can. */
  @Test
  void everyWordOfARepetitiveCorpusBecomesOneToken(@TempDir Path folder) throws Exception {
    Random random = new Random(1);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      String word =
          random
              .ints(1 + random.nextInt(14), 0, 2)
              .mapToObj(b -> "ab".substring(b, b + 1))
              .collect(Collectors.joining());
      words.add(word);
    }
    new BpeTrainer(Integer.MAX_VALUE, 4).train(words).write(folder);
    ClipTokenizer read = ClipTokenizer.read(folder);
    assertThat(words).allSatisfy(word -> assertThat(read.encode(word).tokens()).isEqualTo(3));
  }

  @Test
  void theOrderOfCaptionsDoesNotMatterAndFilesAreEqual(@TempDir Path folder) throws Exception {
    List<String> reversed = new ArrayList<>(CAPTIONS);
    Collections.reverse(reversed);
    new BpeTrainer(1000, 16).train(CAPTIONS).write(folder.resolve("one"));
    new BpeTrainer(1000, 16).train(reversed).write(folder.resolve("two"));
    for (String name :
        List.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json")) {
      assertThat(folder.resolve("one").resolve(name))
          .hasSameBinaryContentAs(folder.resolve("two").resolve(name));
    }
  }

  @Test
  void noCaptionsGiveAByteTokenizer() {
    ClipTokenizer tokenizer = new BpeTrainer(10, 77).train(List.of());
    assertThat(tokenizer.vocabSize()).isEqualTo(514);
    assertThat(tokenizer.encode("cat").tokens()).isEqualTo(5);
  }

  @Test
  void impossibleSettingsAreRefused() {
    assertThatThrownBy(() -> new BpeTrainer(-1, 77))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("merges must be 0 or more, not -1");
    assertThatThrownBy(() -> new BpeTrainer(1, 2).train(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("model_max_length must be 3 to 4096, not 2");
  }
}
