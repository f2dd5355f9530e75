package org.syntagen.dataset;

import java.util.List;

/**
 * What a generator is asked for.
 *
 * @param index position in the dataset
 * @param caption the text given to the model
 * @param labels the classes that the caption names, each once
 * @param seed of the image's noise
 */
public record Prompt(int index, String caption, List<Integer> labels, long seed) {
  public Prompt {
    labels = List.copyOf(labels);
    if (caption.isBlank()) {
      throw new IllegalArgumentException("prompt " + index + " is empty");
    }
  }

  /** The same prompt with other classes. */
  public Prompt withLabels(List<Integer> others) {
    return new Prompt(index, caption, others, seed);
  }

  /** The class words alone, such as "dog dining table": the text whose attention gives the mask. */
  public String classPrompt(ClassSet classes) {
    return String.join(" ", labels.stream().map(classes::words).toList());
  }
}
