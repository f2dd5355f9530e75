package org.syntagen.dataset;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * Prompts from nothing but class names: "a photo of a dog and a chair in a room". Prompt i depends
 * only on the dataset's seed and i. The first class goes round the wanted classes, so that each
 * leads equally often; others join it at random.
 */
public final class PromptTemplates {
  private static final List<String> OPENINGS = List.of("a photo of ", "a picture of ", "");
  private static final List<String> PLACES =
      List.of(
          "on the grass",
          "in the sky",
          "on the sea",
          "on the beach",
          "in the snow",
          "in the hills",
          "in a forest",
          "on a road",
          "on a street",
          "in a room",
          "by a wall",
          "in a studio");

  /** Share of prompts with one class, with two and with three. */
  private static final double ONE = 0.6;

  private static final double TWO = 0.3;

  private final ClassSet classes;
  private final List<Integer> labels;
  private final long seed;

  /**
   * @param labels the classes to ask for, at least one and each once
   * @param seed of the dataset
   */
  public PromptTemplates(ClassSet classes, List<Integer> labels, long seed) {
    if (labels.isEmpty()) {
      throw new IllegalArgumentException("prompts need at least one class");
    }
    if (new HashSet<>(labels).size() != labels.size()) {
      throw new IllegalArgumentException("a class is asked for twice; expected each once");
    }
    this.classes = classes;
    this.labels = List.copyOf(labels);
    this.seed = seed;
  }

  /** The prompt of a position. */
  public Prompt prompt(int index) {
    long sampleSeed = SampleSeed.of(seed, index);
    SplitMix64 random = new SplitMix64(sampleSeed).split(1);
    double draw = random.nextDouble();
    int wanted = Math.min(labels.size(), draw < ONE ? 1 : draw < ONE + TWO ? 2 : 3);
    List<Integer> chosen = new ArrayList<>();
    chosen.add(labels.get(index % labels.size()));
    while (chosen.size() < wanted) {
      int label = labels.get(random.nextInt(labels.size()));
      if (!chosen.contains(label)) {
        chosen.add(label);
      }
    }
    String caption =
        OPENINGS.get(random.nextInt(OPENINGS.size()))
            + classes.listing(chosen)
            + " "
            + PLACES.get(random.nextInt(PLACES.size()));
    return new Prompt(index, caption, chosen, sampleSeed);
  }
}
