package org.syntagen.segmentation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.WeightsException;
import org.syntagen.tensor.nn.BatchNorm2d;

/**
 * DeepLabv3 (Chen et al., 2017, "Rethinking atrous convolution for semantic image segmentation") in
 * torchvision's structure and key names, so that checkpoints interchange. Its weights are plain
 * named tensors in 32 bits (or 64, for proofs), which it owns: {@link #close} frees them. Not
 * thread-safe while training.
 */
public final class DeepLabV3 implements AutoCloseable {
  /** What the names of the backbone's tensors begin with. */
  static final String BACKBONE = "backbone.";

  private static final String AUX = "aux_classifier";
  private static final String LAST_WEIGHT = "classifier.4.weight";

  private final Backbone backbone;
  private final int classes;
  private final StateDict state;
  private final FeatureExtractor extractor;
  private final DeepLabHead head;
  private final FcnHead auxHead; // null: the checkpoint was saved without it

  /**
   * Scores before the softmax, at the size of the input, in the weights' element type.
   *
   * @param out [n, classes, h, w]
   * @param aux of the auxiliary head, [n, classes, h, w]; null when it was not asked for
   */
  public record Logits(Tensor out, Tensor aux) {}

  private DeepLabV3(Backbone backbone, int classes, Weights weights, boolean withAux) {
    this.backbone = backbone;
    this.classes = classes;
    this.extractor = backbone.build(weights.at("backbone"));
    this.head = DeepLabHead.of(weights.at("classifier"), backbone.outChannels(), classes);
    this.auxHead = withAux ? FcnHead.of(weights.at(AUX), backbone.auxChannels(), classes) : null;
    this.state = weights.state();
    storeChannelsLast();
  }

  /** Convolutions here run fastest on weights and images whose channels are innermost. */
  private void storeChannelsLast() {
    try (NoGrad noGrad = new NoGrad()) {
      for (String name : state.names()) {
        Tensor tensor = state.get(name);
        if (tensor.dim() == 4) {
          try (Scope scope = new Scope()) {
            tensor.set_data(Ops.channelsLast(tensor));
          }
        }
      }
    }
  }

  /**
   * A network with both heads and random weights, drawn as torchvision draws them.
   *
   * @param classes labels that it tells apart, background included, 2 to 255
   */
  public static DeepLabV3 random(Backbone backbone, int classes, long seed) {
    if (classes < 2 || classes > 255) {
      throw new IllegalArgumentException("classes must be 2 to 255, not " + classes);
    }
    try (SeededNoise noise = new SeededNoise(seed)) {
      return new DeepLabV3(backbone, classes, Weights.random(noise), true);
    }
  }

  /**
   * A network over given tensors; the backbone, the number of classes and whether there is an
   * auxiliary head are read off their names and shapes. It takes ownership of {@code state}, whose
   * floating tensors must be 32-bit (or all 64-bit) and, for training, writable.
   *
   * @throws WeightsException if a tensor is missing, misshapen or foreign
   */
  public static DeepLabV3 of(StateDict state) {
    Backbone backbone =
        Backbone.in(state)
            .orElseThrow(
                () ->
                    new WeightsException(
                        state.origin()
                            + ": holds no DeepLabv3: neither of the tensors"
                            + " backbone.conv1.weight (ResNet) and"
                            + " backbone.0.0.weight (MobileNetV3-Large) is there"));
    long[] last = Tensors.shape(state.get(LAST_WEIGHT));
    if (last.length != 4 || last[0] < 2 || last[0] > 255) {
      throw new WeightsException(
          state.origin()
              + ": tensor "
              + LAST_WEIGHT
              + " has shape "
              + Arrays.toString(last)
              + ", expected [classes, "
              + Aspp.CHANNELS
              + ", 1, 1] with 2 to 255 classes");
    }
    Weights weights = Weights.of(state);
    boolean withAux = state.names().stream().anyMatch(name -> name.startsWith(AUX + "."));
    DeepLabV3 model = new DeepLabV3(backbone, (int) last[0], weights, withAux);
    weights.requireAllUsed();
    return model;
  }

  /**
   * Reads a checkpoint of {@link Checkpoint} or of torchvision's, safetensors or PyTorch's file,
   * into writable memory.
   *
   * @throws WeightsException if the file is missing or damaged, or holds another architecture
   */
  public static DeepLabV3 load(Path file) {
    try (StateDict mapped = WeightFile.read(file)) {
      StateDict copy = mapped.copy(Dtype.F32);
      try {
        return of(copy);
      } catch (RuntimeException e) {
        copy.close();
        throw e;
      }
    }
  }

  public Backbone backbone() {
    return backbone;
  }

  /** Labels that it tells apart, background included. */
  public int classes() {
    return classes;
  }

  /** All tensors, buffers included, under torchvision's names. */
  public StateDict state() {
    return state;
  }

  /** The tensors that training moves: all but batch normalisation's running statistics. */
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String name : state.names()) {
      if (!BatchNorm2d.isBuffer(name)) {
        parameters.put(name, state.get(name));
      }
    }
    return Collections.unmodifiableMap(parameters);
  }

  /** Whether a dictionary holds a whole network rather than a backbone. */
  static boolean isIn(StateDict state) {
    return state.contains(LAST_WEIGHT);
  }

  /** Whether a tensor of that name belongs to the backbone. */
  static boolean isOfBackbone(String name) {
    return name.startsWith(BACKBONE);
  }

  /** Whether a tensor of that name belongs to the auxiliary head. */
  static boolean isOfAuxHead(String name) {
    return name.startsWith(AUX + ".");
  }

  /** Whether a tensor of that name belongs to the layers that name the classes. */
  static boolean isOfLastLayer(String name) {
    return name.startsWith("classifier.4.") || name.startsWith(AUX + ".4.");
  }

  /** Number of trainable numbers. */
  public long parameterCount() {
    return parameters().values().stream().mapToLong(Tensor::numel).sum();
  }

  /** SHA-256 over all tensors; see {@link StateDict#fingerprint}. */
  public String fingerprint() {
    return state.fingerprint();
  }

  /**
   * Class scores for normalised images; see {@link Normalization}. The auxiliary head runs in
   * training only. Results belong to the open scope.
   *
   * @param images [n, 3, h, w]; in training n must be at least 2, because the pooling branch
   *     normalises over the batch alone
   */
  public Logits forward(Tensor images, Mode mode) {
    if (images.dim() != 4 || images.size(1) != 3) {
      throw new IllegalArgumentException(
          "images must be [n, 3, h, w], not " + Arrays.toString(Tensors.shape(images)));
    }
    if (mode.training() && images.size(0) < 2) {
      throw new IllegalArgumentException("a training batch needs at least 2 images");
    }
    long height = images.size(2);
    long width = images.size(3);
    FeatureExtractor.Features features =
        extractor.forward(Ops.channelsLast(Tensors.to(images, dtype())), mode);
    Tensor out = enlarge(head.forward(features.out(), mode), height, width);
    Tensor aux =
        mode.training() && auxHead != null
            ? enlarge(auxHead.forward(features.aux(), mode), height, width)
            : null;
    return new Logits(out, aux);
  }

  /** Back to the weights' element type, which autocast leaves, and to the size of the image. */
  private Tensor enlarge(Tensor logits, long height, long width) {
    return Ops.resizeBilinear(Tensors.to(logits, dtype()), height, width);
  }

  private Dtype dtype() {
    return Dtype.of(state.get(LAST_WEIGHT));
  }

  @Override
  public void close() {
    state.close();
  }
}
