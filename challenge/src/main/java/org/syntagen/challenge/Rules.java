package org.syntagen.challenge;

import java.util.HashSet;
import java.util.List;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Images;

/**
 * What a dataset and its making must keep to.
 *
 * @param maxPairs the most pairs of image and mask, 1 to 1 000 000
 * @param width of every image and mask, in pixels
 * @param height of every image and mask, in pixels
 * @param classes the names of the labels, background first
 * @param generators the kinds of text-to-image models that are allowed, e.g. {@code
 *     stable-diffusion-1}
 * @param training how the segmenter is trained
 */
public record Rules(
    int maxPairs,
    int width,
    int height,
    List<String> classes,
    List<String> generators,
    Training training) {
  /**
   * The fixed training of the segmenter.
   *
   * @param model the network, in torchvision's name
   * @param iterations steps of the optimizer
   * @param batchSize images in each of them
   */
  public record Training(String model, int iterations, int batchSize) {
    /** Checks that the numbers are positive. */
    public Training {
      Ranges.within("iterations", iterations, 1, 10_000_000);
      Ranges.within("batch_size", batchSize, 1, 4096);
    }
  }

  /** Checks the ranges and that names are distinct. */
  public Rules {
    Ranges.within("max_pairs", maxPairs, 1, 1_000_000);
    Ranges.within("width", width, 8, Images.MOST_SIDE);
    Ranges.within("height", height, 8, Images.MOST_SIDE);
    classes = ClassSet.of(classes).names();
    generators = List.copyOf(generators);
    if (generators.isEmpty() || new HashSet<>(generators).size() != generators.size()) {
      throw new IllegalArgumentException(
          "generators " + generators + ": expected at least one, each once");
    }
  }

  /** The classes that masks speak of. */
  public ClassSet classSet() {
    return ClassSet.of(classes);
  }
}
