package org.syntagen.cli;

import java.io.PrintStream;
import java.util.HashSet;
import java.util.Set;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.text.ClipTokenizer;
import org.syntagen.diffusion.text.TextualInversion;
import org.syntagen.labeling.Attribution;

/** Tells once for each distinct text what of it the model will not see, and of idle embeddings. */
final class PromptCheck {
  private static final int SHOWN = 60;

  private final ClipTokenizer tokenizer;
  private final PrintStream err;
  private final Set<String> seen = new HashSet<>();

  /**
   * @param err receives a line for every text that is cut
   */
  PromptCheck(ClipTokenizer tokenizer, PrintStream err) {
    this.tokenizer = tokenizer;
    this.err = err;
  }

  /** Looks at a text; one that was seen before is passed over. */
  void look(String text) {
    if (!seen.add(text)) {
      return;
    }
    String cutOff = tokenizer.encode(text).cutOff();
    if (!cutOff.isEmpty()) {
      err.println(
          "the prompt \""
              + shortened(text)
              + "\" is longer than "
              + (tokenizer.maxLength() - 2)
              + " tokens; cut off: \""
              + cutOff
              + "\"");
    }
  }

  /**
   * Looks at a caption and at the texts of its classes.
   *
   * @throws InputException if the attribution does not know a class
   */
  void look(Prompt prompt, Attribution attribution) {
    look(prompt.caption());
    attribution.texts(prompt).forEach(this::look);
  }

  /** Tells of an embedding whose word the model sees in none of the texts. */
  void requireUse(TextualInversion embedding) {
    if (seen.stream().allMatch(text -> tokenizer.spans(text, embedding.word()).isEmpty())) {
      err.println("no prompt has the word \"" + embedding.word() + "\" of " + embedding.file());
    }
  }

  private static String shortened(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }
}
