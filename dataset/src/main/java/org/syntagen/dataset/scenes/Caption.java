package org.syntagen.dataset.scenes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.SplitMix64;

/** Captions in a small vocabulary that name every class of a scene exactly once. */
final class Caption {
  private Caption() {}

  /**
   * Describes the objects, in random order, and the setting.
   *
   * @param random decides the order and the opening words
   */
  static String of(
      ClassSet classes, List<SceneObject> objects, Setting setting, SplitMix64 random) {
    Map<Integer, List<SceneObject>> byLabel = new LinkedHashMap<>();
    for (SceneObject object : shuffled(objects, random)) {
      byLabel.computeIfAbsent(object.label(), label -> new ArrayList<>()).add(object);
    }
    List<String> phrases = new ArrayList<>();
    byLabel.forEach((label, same) -> phrases.add(phrase(classes.words(label), same)));
    double opening = random.nextDouble();
    String start = opening < 0.5 ? "" : opening < 0.8 ? "a photo of " : "a picture of ";
    return start + joined(phrases) + " " + setting.phrase();
  }

  private static String phrase(String words, List<SceneObject> same) {
    if (same.size() > 1) {
      return "two " + plural(words);
    }
    String named = same.get(0).tint().map(tint -> tint.word() + " ").orElse("") + words;
    return ClassSet.withArticle(named);
  }

  private static String joined(List<String> phrases) {
    int last = phrases.size() - 1;
    return last == 0
        ? phrases.get(0)
        : String.join(", ", phrases.subList(0, last)) + " and " + phrases.get(last);
  }

  private static String plural(String words) {
    if (words.equals("sheep")) {
      return words;
    }
    if (words.equals("person")) {
      return "people";
    }
    return words + (words.endsWith("s") ? "es" : "s");
  }

  private static List<SceneObject> shuffled(List<SceneObject> objects, SplitMix64 random) {
    List<SceneObject> order = new ArrayList<>(objects);
    for (int i = order.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      SceneObject kept = order.get(i);
      order.set(i, order.get(j));
      order.set(j, kept);
    }
    return order;
  }
}
