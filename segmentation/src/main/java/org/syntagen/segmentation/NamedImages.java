package org.syntagen.segmentation;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Sample;

/**
 * Images with the names of the classes that their prompts ask for, and nothing else: masks are
 * never opened.
 */
public final class NamedImages {
  private final Dataset dataset;
  private final List<Set<String>> names;

  /**
   * @param dataset opened for its images or with masks
   * @throws InputException if a sample does not say which classes its prompt asks for
   */
  public NamedImages(Dataset dataset) {
    this.dataset = dataset;
    this.names =
        IntStream.range(0, dataset.size())
            .mapToObj(
                i ->
                    dataset
                        .sample(i)
                        .map(Sample::classes)
                        .map(Set::copyOf)
                        .orElseThrow(() -> unnamed(dataset, i)))
            .toList();
  }

  private static InputException unnamed(Dataset dataset, int position) {
    return new InputException(
        "%s: samples.jsonl says nothing of %s; expected its prompt's classes"
            .formatted(dataset.folder(), dataset.ids().get(position)));
  }

  /** How many there are; at least 1. */
  public int size() {
    return names.size();
  }

  /** The names of the classes that the prompt of an image asks for. */
  public Set<String> classes(int position) {
    return names.get(position);
  }

  /** Decodes an image; its labels are void. */
  public LabeledImage load(int position) {
    return LabeledImage.unlabeled(dataset.ids().get(position), dataset.image(position));
  }
}
