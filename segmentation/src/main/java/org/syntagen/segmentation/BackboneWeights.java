package org.syntagen.segmentation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.WeightsException;

/**
 * What a backbone's weights are before training: drawn at random, or those of an image classifier
 * in torchvision's key names, as ImageNet's are usually taken. The classifier's own last layers are
 * left aside.
 *
 * @param file safetensors of the classifier; empty for random weights
 * @param fingerprint of its tensors, "random" without a file
 */
public record BackboneWeights(Optional<Path> file, String fingerprint) {
  /** Drawn from the run's seed. */
  public static final BackboneWeights RANDOM = new BackboneWeights(Optional.empty(), "random");

  /**
   * The weights of a classifier, e.g. of {@link ImageClassifier}.
   *
   * @throws WeightsException if the file is missing or damaged
   */
  public static BackboneWeights read(Path file) {
    try (StateDict classifier = SafeTensors.read(file)) {
      return new BackboneWeights(Optional.of(file), classifier.fingerprint());
    }
  }

  /**
   * Replaces the backbone of a network.
   *
   * @throws WeightsException if a tensor of the backbone is missing or of another shape
   */
  void copyInto(DeepLabV3 model) {
    if (file.isEmpty()) {
      return;
    }
    try (StateDict classifier = SafeTensors.read(file.get());
        NoGrad noGrad = new NoGrad()) {
      String prefix = model.backbone().classifierPrefix();
      for (String name : model.state().names()) {
        if (name.startsWith(DeepLabV3.BACKBONE)) {
          copy(
              classifier,
              prefix + name.substring(DeepLabV3.BACKBONE.length()),
              model.state().get(name));
        }
      }
    }
  }

  private static void copy(StateDict from, String name, Tensor to) {
    Tensor found = from.get(name);
    if (!Arrays.equals(Ops.shape(found), Ops.shape(to))) {
      throw new WeightsException(
          "%s: tensor %s has shape %s, expected %s"
              .formatted(
                  from.origin(),
                  name,
                  Arrays.toString(Ops.shape(found)),
                  Arrays.toString(Ops.shape(to))));
    }
    to.copy_(found);
  }
}
