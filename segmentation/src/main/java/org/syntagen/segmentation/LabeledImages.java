package org.syntagen.segmentation;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.syntagen.dataset.Dataset;

/** Images with labels to train on or to be measured on. Implementations are thread-safe. */
public interface LabeledImages {
  /** How many there are. */
  int size();

  /** The id of the image at a position, without decoding it. */
  String id(int position);

  /** Decodes the image at a position, 0 to {@link #size} − 1. */
  LabeledImage load(int position);

  /** Hands over every image in order; the next ones are decoded meanwhile on other threads. */
  default void forEach(Consumer<LabeledImage> each) {
    try (Prefetch<LabeledImage> ahead = new Prefetch<>(i -> load((int) i), 0, size())) {
      for (int i = 0; i < size(); i++) {
        each.accept(ahead.next());
      }
    }
  }

  /** These images, each changed whenever it is asked for. */
  default LabeledImages changed(UnaryOperator<LabeledImage> change) {
    return of(size(), this::id, position -> change.apply(load(position)));
  }

  /** The samples of a dataset, decoded whenever they are asked for. */
  static LabeledImages of(Dataset dataset) {
    return of(
        dataset.size(),
        dataset.ids()::get,
        position -> {
          Dataset.Pair pair = dataset.pair(position);
          return LabeledImage.of(dataset.ids().get(position), pair.image(), pair.mask());
        });
  }

  /** The images of a dataset that was opened without its masks: every label is void. */
  static LabeledImages unlabeled(Dataset dataset) {
    return of(
        dataset.size(),
        dataset.ids()::get,
        position -> LabeledImage.unlabeled(dataset.ids().get(position), dataset.image(position)));
  }

  /** Images that are in memory already. */
  static LabeledImages of(List<LabeledImage> images) {
    List<LabeledImage> copy = List.copyOf(images);
    return of(copy.size(), position -> copy.get(position).id(), copy::get);
  }

  /** The images of several sets, one set after the other. */
  static LabeledImages joined(List<LabeledImages> sets) {
    int[] set = new int[sets.stream().mapToInt(LabeledImages::size).sum()];
    int[] within = new int[set.length];
    int filled = 0;
    for (int i = 0; i < sets.size(); i++) {
      for (int j = 0; j < sets.get(i).size(); j++) {
        set[filled] = i;
        within[filled++] = j;
      }
    }
    return of(
        set.length,
        position -> sets.get(set[position]).id(within[position]),
        position -> sets.get(set[position]).load(within[position]));
  }

  /** Images that are made whenever they are asked for. */
  private static LabeledImages of(
      int size, IntFunction<String> ids, IntFunction<LabeledImage> images) {
    return new LabeledImages() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public String id(int position) {
        return ids.apply(position);
      }

      @Override
      public LabeledImage load(int position) {
        return images.apply(position);
      }
    };
  }
}
