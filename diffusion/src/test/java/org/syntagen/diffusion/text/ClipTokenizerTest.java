package org.syntagen.diffusion.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.InputException;

/**
 * Golden ids of a vocabulary small enough to count by hand: byte symbols are 0 to 255 ("!" is 0, so
 * "a" is 64), the same with the end of a word 256 to 511, then eight merges, start 520 and end 521.
 */
class ClipTokenizerTest {
  private static final int START = 520;
  private static final int END = 521;

  private static final ClipTokenizer TOKENIZER =
      TokenizerFolders.tokenizer(
          12, "c a", "ca t</w>", "d o", "do g</w>", "p l", "a e", "pl ae", "ca ca");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "a cat|320 513",
        "  A \t CAT\u00a0\u2003 |320 513",
        "cat dog|513 515",
        "cats|512 83 338", // ca t s</w>: the merge of a whole word does not reach into another
        "caca|512 66 320", // "ca ca" would need both inside the word; here the last a ends it
        "cacat|512 513", // rank: "ca t</w>" before "ca ca"
        "cacao|519 334",
        "cat's|513 6 338", // ' s</w>
        "cat5|513 276", // digits stand alone
        "42|275 273",
        "cat,dog|513 267 515",
        "\u00e9|127 358", // é as the two bytes C3 A9
        "e\u0301|127 358", // composed first
        "\u0391\u03a3|138 109 139 481", // ΑΣ becomes ασ and not ας: letters do not know their word
        "cat\u001c|513 472", // a separator that is no white space
      })
  void captionsHaveTheIdsCountedByHand(String caption, String expected) {
    long[] body = List.of(expected.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    Encoding encoding = TOKENIZER.encode(caption);
    assertThat(encoding.ids()).hasSize(12).startsWith(START).endsWith(END);
    assertThat(encoding.tokens()).isEqualTo(body.length + 2);
    for (int i = 0; i < body.length; i++) {
      assertThat(encoding.ids()[1 + i]).isEqualTo(body[i]);
    }
    for (int i = 1 + body.length; i < 12; i++) {
      assertThat(encoding.ids()[i]).isEqualTo(END);
    }
    assertThat(encoding.truncated()).isFalse();
  }

  @Test
  void anEmptyCaptionIsStartAndEnd() {
    for (String caption : List.of("", " \n ")) {
      Encoding encoding = TOKENIZER.encode(caption);
      assertThat(encoding.tokens()).isEqualTo(2);
      assertThat(encoding.ids()).startsWith(START, END);
    }
  }

  @Test
  void whatFindsNoRoomIsCutOffAndReported() {
    ClipTokenizer tokenizer = TokenizerFolders.tokenizer(5, "c a", "ca t</w>");
    Encoding fits = tokenizer.encode("cat cat cat");
    assertThat(fits.tokens()).isEqualTo(5);
    assertThat(fits.truncated()).isFalse();

    Encoding cut = tokenizer.encode("A cat, Cat and a dog");
    assertThat(cut.ids()).containsExactly(514, 320, 513, 267, 515);
    assertThat(cut.tokens()).isEqualTo(5);
    assertThat(cut.cutOff()).isEqualTo("cat and a dog");
  }

  @Test
  void aWordCutInTheMiddleReportsItsRest() {
    ClipTokenizer tokenizer = TokenizerFolders.tokenizer(4, "c a", "d o");
    Encoding cut = tokenizer.encode("cadogé x"); // ca do g é(2 bytes)
    assertThat(cut.ids()).containsExactly(514, 512, 513, 515);
    assertThat(cut.cutOff()).isEqualTo("gé x");
  }

  @Test
  void specialTokensInACaptionAreSpecial() {
    Encoding encoding = TOKENIZER.encode("cat<|endoftext|>dog <|StartOfText|>");
    assertThat(encoding.ids()).startsWith(START, 513, END, 515, START, END);
  }

  /** Stable Diffusion 2 pads with "!", which transformers then finds in captions too. */
  @Test
  void aPaddingTokenOfItsOwnFillsAndIsFoundInCaptions() {
    ClipTokenizer tokenizer =
        new ClipTokenizer(TokenizerFolders.files(6, "!", List.of("c a", "ca t</w>")));
    assertThat(tokenizer.encode("cat!").ids()).containsExactly(514, 513, 0, 515, 0, 0);
    assertThat(tokenizer.padId()).isZero();
  }

  @Test
  void spansAreRowsOfTokensAndNotOfWords() {
    // "place" is pl a c e</w>: "ae" does not occur; "plaec" would be plae c</w>.
    assertThat(TOKENIZER.spans("a plaec dog", "plaec")).containsExactly(new int[] {2, 3});
    assertThat(TOKENIZER.spans("a plaec dog", "dog")).containsExactly(new int[] {4});
    assertThat(TOKENIZER.spans("Cat plaec, CAT plaec", " cat  Plaec "))
        .containsExactly(new int[] {1, 2, 3}, new int[] {5, 6, 7});
  }

  @Test
  void spansMatchWholeWordsOnly() {
    assertThat(TOKENIZER.spans("a catdog and cats", "cat")).isEmpty();
    assertThat(TOKENIZER.spans("the cat's dog", "cat")).containsExactly(new int[] {4});
    assertThat(TOKENIZER.spans("a catdog", "cat dog")).isEmpty();
    assertThat(TOKENIZER.spans("cat, dog", "cat dog")).isEmpty();
    assertThat(TOKENIZER.spans("cat cat cat", "cat cat")).containsExactly(new int[] {1, 2});
  }

  @Test
  void occurrencesThatAreCutOffDoNotCount() {
    ClipTokenizer tokenizer = TokenizerFolders.tokenizer(5, "c a", "ca t</w>");
    assertThat(tokenizer.spans("a cat dog cat", "cat")).containsExactly(new int[] {2});
    assertThat(tokenizer.spans("a cat dog", "dog"))
        .isEmpty(); // d o g needs three rows, two are left
  }

  // ---- added words ------------------------------------------------------------------------------

  private static final ClipTokenizer WITH_WORDS =
      TOKENIZER.withWord("<Toy>", 522, 1).withWord("cat", 523, 3).withWord("big  dog", 526, 2);

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a <toy>|320 522",
        "a<TOY>s|320 522 338", // a mark of its own is found anywhere
        "cat|523 524 525",
        "Cat, dog|523 524 525 267 515",
        "cats|512 83 338", // a word within a word is none
        "cat_1|513 318 272",
        "a big\tdog|320 526 527",
        "<toy><toy>|522 522",
      })
  void addedWordsBecomeTheirTokens(String caption, String expected) {
    long[] body = List.of(expected.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    Encoding encoding = WITH_WORDS.encode(caption);
    assertThat(Arrays.copyOfRange(encoding.ids(), 1, encoding.tokens() - 1)).containsExactly(body);
    assertThat(WITH_WORDS.vocabSize()).isEqualTo(522);
  }

  @Test
  void theTokensOfAnAddedWordMayBeCutAndFound() {
    ClipTokenizer tokenizer =
        TokenizerFolders.tokenizer(5, "c a", "ca t</w>").withWord("x", 700, 4);
    Encoding cut = tokenizer.encode("x cat");
    assertThat(cut.ids()).containsExactly(514, 700, 701, 702, 515);
    assertThat(cut.cutOff()).isEqualTo("x_3 cat");
    assertThat(tokenizer.encode("cat cat cat x").cutOff()).isEqualTo("x");
    assertThat(WITH_WORDS.spans("a cat <toy>", "cat")).containsExactly(new int[] {2, 3, 4});
    assertThat(WITH_WORDS.spans("a cat <toy>", "<toy>")).containsExactly(new int[] {5});
  }

  @Test
  void anAddedWordIsTakenOnce() {
    for (String taken : List.of("CAT", "<toy>", "<|endoftext|>", " ")) {
      assertThatThrownBy(() -> WITH_WORDS.withWord(taken, 600, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the word '" + taken + "' cannot be added");
    }
    assertThat(WITH_WORDS.reserved("dog")).isFalse();
    assertThat(WITH_WORDS.padWith(0).reserved("Big dog")).isTrue();
  }

  @Test
  void blankWordsAndEndlessCaptionsAreRefused() {
    assertThatThrownBy(() -> TOKENIZER.spans("a cat", " "))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TOKENIZER.encode("x".repeat(10_001)))
        .isInstanceOf(InputException.class)
        .hasMessage("a caption has 10001 characters; at most 10000 are allowed");
  }

  @Test
  void aWrittenFolderReadsBackAsTheSameTokenizer(@TempDir Path folder) throws Exception {
    TOKENIZER.write(folder);
    ClipTokenizer read = ClipTokenizer.read(folder);
    assertThat(read.maxLength()).isEqualTo(12);
    assertThat(read.vocabSize()).isEqualTo(522);
    assertThat(read.startId()).isEqualTo(START);
    assertThat(read.endId()).isEqualTo(END);
    assertThat(read.padId()).isEqualTo(END);
    assertThat(read.token(513)).isEqualTo("cat</w>");
    assertThat(read.encode("a cat, 2 dogs \u00e9").ids())
        .containsExactly(TOKENIZER.encode("a cat, 2 dogs \u00e9").ids());
  }
}
