package org.syntagen.cli;

import java.nio.file.Path;
import java.util.List;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.DeepLabV3;

/** Trained networks that are to tell the classes of given images apart. */
final class Networks {
  private Networks() {}

  /**
   * Loads a network.
   *
   * @return to be closed
   * @throws InputException if it tells other classes apart, as far as the file says which
   */
  static DeepLabV3 load(Path checkpoint, ClassSet classes) {
    List<String> told = Checkpoint.find(checkpoint).map(Checkpoint::classNames).orElse(List.of());
    if (!told.isEmpty() && !told.equals(classes.names())) {
      throw new InputException(
          "%s: the network tells other classes apart than the images' set has, or in another order"
                  .formatted(checkpoint)
              + " ("
              + String.join(", ", told)
              + "); train one on that set");
    }
    DeepLabV3 network = DeepLabV3.load(checkpoint);
    if (network.classes() != classes.size()) {
      network.close();
      throw new InputException(
          "%s: the network tells %d classes apart, the images' set has %d; train one on that set"
              .formatted(checkpoint, network.classes(), classes.size()));
    }
    return network;
  }
}
