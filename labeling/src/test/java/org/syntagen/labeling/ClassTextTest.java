package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.text.ClipTokenizer;

class ClassTextTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final int DOG = VOC.label("dog");
  private static final int TABLE = VOC.label("diningtable");
  private static final ClipTokenizer TOKENIZER = TinyModel.random().tokenizer();

  @Test
  void classWordsAreFoundByTheTokenizer() {
    Prompt prompt = new Prompt(0, "a dog", List.of(DOG, TABLE), 1);
    List<ClassText.Tokens> tokens = ClassText.JOINED.tokens(prompt, VOC, TOKENIZER);
    // "dog dining table": row 0 is the start token.
    assertThat(tokens).extracting(ClassText.Tokens::label).containsExactly(DOG, TABLE);
    assertThat(tokens.get(0).spans()).containsExactly(new int[] {1});
    assertThat(tokens.get(1).spans()).containsExactly(new int[] {2, 3});
  }

  @Test
  void eachSentenceHasOneClass() {
    Prompt prompt = new Prompt(0, "a dog", List.of(DOG, TABLE), 1);
    List<ClassText.Tokens> tokens = ClassText.SENTENCES.tokens(prompt, VOC, TOKENIZER);
    assertThat(tokens).extracting(ClassText.Tokens::text).containsExactly(0, 1);
  }

  @Test
  void aCaptionNamesSomeClasses() {
    Prompt prompt = new Prompt(0, "a dog beside a dog", List.of(TABLE, DOG), 1);
    List<ClassText.Tokens> tokens = ClassText.CAPTION.tokens(prompt, VOC, TOKENIZER);
    assertThat(tokens).extracting(ClassText.Tokens::label).containsExactly(DOG);
    assertThat(tokens.get(0).spans()).hasSize(2);
  }

  @Test
  void aPromptWithoutClassesHasAText() {
    Prompt prompt = new Prompt(0, "a wall", List.of(), 1);
    assertThat(ClassText.SENTENCES.texts(prompt, VOC)).containsExactly("");
    assertThat(ClassText.SENTENCES.tokens(prompt, VOC, TOKENIZER)).isEmpty();
  }
}
