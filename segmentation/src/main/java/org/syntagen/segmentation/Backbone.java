package org.syntagen.segmentation;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Weights;

/** The networks that DeepLabv3 can stand on, as torchvision builds them for segmentation. */
public enum Backbone {
  /** Dilated to output stride 8; the competition's network. */
  RESNET50("resnet50", 1024, 2048, 42_004_074, "conv1.weight", "", ResNet::resnet50),
  /** Dilated to output stride 8; deeper. */
  RESNET101("resnet101", 1024, 2048, 60_996_202, "layer3.22.conv1.weight", "", ResNet::resnet101),
  /** Dilated to output stride 16; small and fast. */
  MOBILENET_V3_LARGE(
      "mobilenet_v3_large", 40, 960, 11_029_328, "0.0.weight", "features.", MobileNetV3Large::of);

  private final String id;
  private final int auxChannels;
  private final int outChannels;
  private final long vocParameters;
  private final String tellingTensor;
  private final String classifierPrefix;
  private final Function<Weights, FeatureExtractor> builder;

  Backbone(
      String id,
      int auxChannels,
      int outChannels,
      long vocParameters,
      String tellingTensor,
      String classifierPrefix,
      Function<Weights, FeatureExtractor> builder) {
    this.id = id;
    this.auxChannels = auxChannels;
    this.outChannels = outChannels;
    this.vocParameters = vocParameters;
    this.tellingTensor = tellingTensor;
    this.classifierPrefix = classifierPrefix;
    this.builder = builder;
  }

  /** The name in torchvision, e.g. {@code resnet50}: for flags and files. */
  public String id() {
    return id;
  }

  /** DeepLabv3 on this backbone in torchvision's name, e.g. {@code deeplabv3_resnet50}. */
  public String network() {
    return "deeplabv3_" + id;
  }

  /** Channels of the map that the auxiliary head reads. */
  public int auxChannels() {
    return auxChannels;
  }

  /** Channels of the last map. */
  public int outChannels() {
    return outChannels;
  }

  /**
   * Trainable parameters of DeepLabv3 on this backbone with both heads and VOC's 21 classes, as
   * torchvision publishes them.
   */
  public long vocParameters() {
    return vocParameters;
  }

  /**
   * The backbone of that {@link #id}; letter case and dashes do not matter.
   *
   * @throws InputException if there is none; it lists those there are
   */
  public static Backbone named(String name) {
    String wanted = name.strip().toLowerCase(Locale.ROOT).replace('-', '_');
    for (Backbone backbone : values()) {
      if (backbone.id.equals(wanted)) {
        return backbone;
      }
    }
    throw new InputException(
        "there is no backbone \"%s\"; choose one of %s"
            .formatted(
                name, Arrays.stream(values()).map(Backbone::id).collect(Collectors.joining(", "))));
  }

  /** The backbone of the DeepLabv3 that a dictionary holds, judged by one tensor. */
  static Optional<Backbone> in(StateDict state) {
    return of(backbone -> state.contains(DeepLabV3.BACKBONE + backbone.tellingTensor));
  }

  /** The network of the image classifier that a dictionary holds, judged by one tensor. */
  static Optional<Backbone> inClassifier(StateDict state) {
    return of(backbone -> state.contains(backbone.classifierPrefix + backbone.tellingTensor));
  }

  private static Optional<Backbone> of(Predicate<Backbone> isIn) {
    // The deeper network first: it has all tensors that the shallower one has.
    return Stream.of(RESNET101, RESNET50, MOBILENET_V3_LARGE).filter(isIn).findFirst();
  }

  /** What torchvision's image classifiers call a tensor of DeepLabv3's backbone. */
  String inClassifier(String name) {
    return classifierPrefix + name.substring(DeepLabV3.BACKBONE.length());
  }

  FeatureExtractor build(Weights weights) {
    return builder.apply(weights);
  }
}
