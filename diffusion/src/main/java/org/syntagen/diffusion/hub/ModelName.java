package org.syntagen.diffusion.hub;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;

/** The name of a model on a hub: whose it is and what it is called. */
public record ModelName(String owner, String name) {
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}");

  private static final Map<String, String> SHORT =
      new TreeMap<>(
          Map.of(
              "sd1.4", "CompVis/stable-diffusion-v1-4",
              "sd1.5", "stable-diffusion-v1-5/stable-diffusion-v1-5",
              "sd2-base", "stabilityai/stable-diffusion-2-base",
              "sd2", "stabilityai/stable-diffusion-2",
              "sd2.1-base", "stabilityai/stable-diffusion-2-1-base",
              "sd2.1", "stabilityai/stable-diffusion-2-1"));

  /**
   * Reads owner/name, or a short name of a well-known model such as sd1.5.
   *
   * @throws InputException if the text is neither
   */
  public static ModelName parse(String text) {
    String[] words = SHORT.getOrDefault(text, text).split("/", -1);
    if (words.length != 2 || !valid(words[0]) || !valid(words[1])) {
      throw new InputException(
          "model name '%s': expected owner/name as on the hub, or one of %s"
              .formatted(text, String.join(", ", SHORT.keySet())));
    }
    return new ModelName(words[0], words[1]);
  }

  private static boolean valid(String word) {
    return WORD.matcher(word).matches() && !word.contains("..");
  }

  @Override
  public String toString() {
    return owner + "/" + name;
  }
}
