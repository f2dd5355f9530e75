package org.syntagen.dataset;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a sample was made from, known before it exists.
 *
 * @param prompt the text that the image answers
 * @param classes the names of the classes that the prompt asks for, in the prompt's order
 * @param seed what its random numbers started from, mostly {@link SampleSeed#of}; 0 to
 *     2<sup>53</sup>
 * @param provenance everything else that the sample is a function of (scheduler, steps, model …):
 *     strings, numbers, booleans, lists and maps of them; kept with sorted keys
 */
public record SampleOrigin(
    String prompt, List<String> classes, long seed, Map<String, Object> provenance) {
  /** Copies the collections and checks the seed. */
  public SampleOrigin {
    Objects.requireNonNull(prompt, "prompt");
    classes = List.copyOf(classes);
    provenance = Json.normalized(provenance);
    if (seed < 0 || seed >= SampleSeed.BOUND) {
      throw new IllegalArgumentException("a sample's seed is 0 to 2^53 - 1, not " + seed);
    }
  }
}
