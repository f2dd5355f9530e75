package org.syntagen.segmentation;

import java.util.List;
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

  /** These images, each changed when it is asked for. */
  default LabeledImages changed(UnaryOperator<LabeledImage> change) {
    LabeledImages source = this;
    return new LabeledImages() {
      @Override
      public int size() {
        return source.size();
      }

      @Override
      public String id(int position) {
        return source.id(position);
      }

      @Override
      public LabeledImage load(int position) {
        return change.apply(source.load(position));
      }
    };
  }

  /** The samples of a dataset, decoded whenever they are asked for. */
  static LabeledImages of(Dataset dataset) {
    return new LabeledImages() {
      @Override
      public int size() {
        return dataset.size();
      }

      @Override
      public String id(int position) {
        return dataset.ids().get(position);
      }

      @Override
      public LabeledImage load(int position) {
        Dataset.Pair pair = dataset.pair(position);
        return LabeledImage.of(id(position), pair.image(), pair.mask());
      }
    };
  }

  /** The images of several sets, one set after the other. */
  static LabeledImages joined(List<LabeledImages> sets) {
    if (sets.size() == 1) {
      return sets.get(0);
    }
    int[] set = new int[sets.stream().mapToInt(LabeledImages::size).sum()];
    int[] within = new int[set.length];
    int filled = 0;
    for (int i = 0; i < sets.size(); i++) {
      for (int j = 0; j < sets.get(i).size(); j++) {
        set[filled] = i;
        within[filled++] = j;
      }
    }
    return new LabeledImages() {
      @Override
      public int size() {
        return set.length;
      }

      @Override
      public String id(int position) {
        return sets.get(set[position]).id(within[position]);
      }

      @Override
      public LabeledImage load(int position) {
        return sets.get(set[position]).load(within[position]);
      }
    };
  }

  /** Images that are in memory already. */
  static LabeledImages of(List<LabeledImage> images) {
    List<LabeledImage> copy = List.copyOf(images);
    return new LabeledImages() {
      @Override
      public int size() {
        return copy.size();
      }

      @Override
      public String id(int position) {
        return copy.get(position).id();
      }

      @Override
      public LabeledImage load(int position) {
        return copy.get(position);
      }
    };
  }
}
