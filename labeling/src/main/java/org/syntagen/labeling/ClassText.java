package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.text.ClipTokenizer;

/** In which texts the class words stand whose attention is looked at. */
public enum ClassText {
  /** One text of all class words, "dog dining table", as Dataset Diffusion published. */
  JOINED {
    @Override
    List<String> of(Prompt prompt, ClassSet classes) {
      return List.of(prompt.classPrompt(classes));
    }
  },
  /** A sentence for each class, "a photo of a dog", for models that know captions only. */
  SENTENCES {
    @Override
    List<String> of(Prompt prompt, ClassSet classes) {
      return prompt.labels().stream().map(label -> sentence(classes, label)).toList();
    }
  },
  /** The image's own caption, as DAAM looks at it. */
  CAPTION {
    @Override
    List<String> of(Prompt prompt, ClassSet classes) {
      return List.of(prompt.caption());
    }
  };

  /**
   * Where the tokens of a class stand.
   *
   * @param text position of the text among {@link #texts}
   * @param spans rows of that text's embedding
   */
  record Tokens(int label, int text, List<int[]> spans) {}

  abstract List<String> of(Prompt prompt, ClassSet classes);

  /** "a photo of a dog". */
  static String sentence(ClassSet classes, int label) {
    return sentence(classes, List.of(label));
  }

  /** "a photo of a dog and a cat". */
  static String sentence(ClassSet classes, List<Integer> labels) {
    return "a photo of " + classes.listing(labels);
  }

  /** The lower-case name for flags and files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** At least one text, for a prompt that names classes and one that does not. */
  List<String> texts(Prompt prompt, ClassSet classes) {
    List<String> texts = of(prompt, classes);
    return texts.isEmpty() ? List.of("") : texts;
  }

  /** Where each class stands that its text names and the tokenizer did not cut off. */
  List<Tokens> tokens(Prompt prompt, ClassSet classes, ClipTokenizer tokenizer) {
    List<String> texts = texts(prompt, classes);
    List<Tokens> tokens = new ArrayList<>();
    for (int i = 0; i < prompt.labels().size(); i++) {
      int label = prompt.labels().get(i);
      int text = texts.size() == 1 ? 0 : i;
      List<int[]> spans = tokenizer.spans(texts.get(text), classes.words(label));
      if (!spans.isEmpty()) {
        tokens.add(new Tokens(label, text, spans));
      }
    }
    return tokens;
  }
}
