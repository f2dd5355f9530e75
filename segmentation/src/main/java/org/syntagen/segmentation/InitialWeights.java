package org.syntagen.segmentation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;

/**
 * What a network's weights are before training: drawn at random, or with the backbone of an image
 * classifier, as ImageNet's is usually taken, or those of a whole DeepLabv3. Files are safetensors
 * or PyTorch's, in torchvision's key names.
 *
 * @param kind what the file holds
 * @param file the weights; empty for random ones
 * @param fingerprint of its tensors, "random" without a file
 */
public record InitialWeights(Kind kind, Optional<Path> file, String fingerprint) {
  /** Drawn from the run's seed. */
  public static final InitialWeights RANDOM =
      new InitialWeights(Kind.RANDOM, Optional.empty(), "random");

  private static final String COUNTER = "num_batches_tracked";

  /** What weights can be. */
  public enum Kind {
    RANDOM,
    /** Its last layers, which name images, are left aside. */
    CLASSIFIER,
    /**
     * A network that was trained on masks. Where it tells another number of classes apart, its last
     * layers are left aside.
     */
    SEGMENTER
  }

  /**
   * Looks at a file of weights.
   *
   * @throws WeightsException if it is missing, damaged or in another format
   */
  public static InitialWeights read(Path file) {
    try (StateDict weights = WeightFile.read(file)) {
      Kind kind = DeepLabV3.isIn(weights) ? Kind.SEGMENTER : Kind.CLASSIFIER;
      return new InitialWeights(kind, Optional.of(file), weights.fingerprint());
    }
  }

  /**
   * Replaces tensors of a network.
   *
   * @throws WeightsException if the file holds another backbone, or lacks a tensor, or has it in
   *     another shape
   */
  void copyInto(DeepLabV3 model) {
    if (file.isEmpty()) {
      return;
    }
    try (StateDict weights = WeightFile.read(file.get());
        NoGrad noGrad = new NoGrad()) {
      requireBackbone(weights, model.backbone());
      boolean withAux = weights.names().stream().anyMatch(DeepLabV3::isOfAuxHead);
      for (String name : model.state().names()) {
        Tensor target = model.state().get(name);
        if (kind == Kind.CLASSIFIER) {
          if (DeepLabV3.isOfBackbone(name)) {
            copy(weights, model.backbone().inClassifier(name), target);
          }
        } else if (withAux || !DeepLabV3.isOfAuxHead(name)) {
          copyOfSegmenter(weights, name, target);
        }
      }
    }
  }

  private void requireBackbone(StateDict weights, Backbone expected) {
    Optional<Backbone> found =
        kind == Kind.SEGMENTER ? Backbone.in(weights) : Backbone.inClassifier(weights);
    if (found.isPresent() && found.get() != expected) {
      throw new WeightsException(
          "%s: holds %s, but the network stands on %s; choose the backbone %s"
              .formatted(weights.origin(), found.get().id(), expected.id(), found.get().id()));
    }
  }

  private static void copyOfSegmenter(StateDict from, String name, Tensor to) {
    boolean otherClasses = DeepLabV3.isOfLastLayer(name) && from.get(name).size(0) != to.size(0);
    if (!otherClasses) {
      copy(from, name, to);
    }
  }

  private static void copy(StateDict from, String name, Tensor to) {
    if (name.endsWith(COUNTER) && !from.contains(name)) {
      return; // files of before PyTorch 0.4.1 do not count, as ImageNet's of torchvision
    }
    Tensor found = from.get(name);
    if (!Arrays.equals(Tensors.shape(found), Tensors.shape(to))) {
      throw new WeightsException(
          "%s: tensor %s has shape %s, expected %s"
              .formatted(
                  from.origin(),
                  name,
                  Arrays.toString(Tensors.shape(found)),
                  Arrays.toString(Tensors.shape(to))));
    }
    to.copy_(found);
  }
}
