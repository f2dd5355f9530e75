package org.syntagen.segmentation;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.WeightsException;
import org.syntagen.tensor.nn.Linear;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * MobileNetV3-Large that names the objects of an image, in torchvision's structure and key names.
 * Its convolutions run as {@link DeepLabV3} runs them, at output stride 16, so that they can become
 * its backbone; see {@link InitialWeights}. It owns its tensors: {@link #close} frees them.
 */
public final class ImageClassifier implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FORMAT = "syntagen-classifier";
  private static final int HIDDEN = 1280;
  private static final double DROPOUT = 0.2;

  private final List<String> classNames;
  private final StateDict state;
  private final MobileNetV3Large features;
  private final Linear hidden;
  private final Linear scores;

  private ImageClassifier(List<String> classNames, Weights weights) {
    this.classNames = List.copyOf(classNames);
    this.features = MobileNetV3Large.of(weights.at("features"));
    this.hidden =
        linear(weights.at("classifier").at(0), Backbone.MOBILENET_V3_LARGE.outChannels(), HIDDEN);
    this.scores = linear(weights.at("classifier").at(3), HIDDEN, classNames.size());
    this.state = weights.state();
  }

  /** A linear layer as torchvision initialises a classifier's. */
  private static Linear linear(Weights weights, long in, long out) {
    return new Linear(weights.normal("weight", 0.01, out, in), weights.constant("bias", 0, out));
  }

  /**
   * A classifier with random weights.
   *
   * @param classNames what it tells apart, in the order of its scores
   */
  public static ImageClassifier random(List<String> classNames, long seed) {
    try (SeededNoise noise = new SeededNoise(seed)) {
      return new ImageClassifier(classNames, Weights.random(noise));
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws WeightsException if the file is missing, damaged or something else
   */
  public static ImageClassifier load(Path file) {
    Map<String, String> metadata = SafeTensors.metadata(file);
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new WeightsException(
          file + ": is no image classifier of this project; expected a file of train-classifier");
    }
    List<String> classNames;
    try {
      classNames = JSON.readValue(metadata.get("classes"), new TypeReference<List<String>>() {});
    } catch (JacksonException | IllegalArgumentException e) {
      throw new WeightsException(file + ": its metadata is damaged: " + e.getMessage());
    }
    try (StateDict mapped = SafeTensors.read(file)) {
      StateDict copy = mapped.copy(Dtype.F32);
      try {
        Weights weights = Weights.of(copy);
        ImageClassifier classifier = new ImageClassifier(classNames, weights);
        weights.requireAllUsed();
        return classifier;
      } catch (RuntimeException e) {
        copy.close();
        throw e;
      }
    }
  }

  /**
   * Writes the weights in bfloat16; the file appears under its name only when whole.
   *
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public void write(Path file) {
    try (StateDict small = state.copy(Dtype.BF16)) {
      SafeTensors.write(
          file, small, Map.of("format", FORMAT, "classes", JSON.writeValueAsString(classNames)));
    }
  }

  /** What it tells apart, in the order of its scores. */
  public List<String> classNames() {
    return classNames;
  }

  /** All tensors, buffers included, under torchvision's names. */
  public StateDict state() {
    return state;
  }

  /**
   * Scores of normalised images; see {@link Normalization}. The sigmoid of a score is the
   * probability that the class is in the image.
   *
   * @param images [n, 3, h, w]
   * @return [n, classes], owned by the open scope
   */
  Tensor forward(Tensor images, Mode mode) {
    Tensor map = features.forward(Ops.channelsLast(images), mode).out();
    Tensor pooled = Ops.mean(map, false, 2, 3);
    Tensor wide = mode.dropout(Ops.hardswish(hidden.forward(pooled)), DROPOUT);
    return scores.forward(wide);
  }

  /**
   * The class with the highest score in an image.
   *
   * @return its position in {@link #classNames}
   */
  public int classify(LabeledImage image) {
    Window window = new Window(image.width(), image.height());
    float[] colors = new float[3 * window.pixels()];
    window.drawColors(image, new Placement(image.width(), image.height(), false, 0, 0), colors, 0);
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor input = Tensors.of(colors, 1, 3, image.height(), image.width());
      return (int) Ops.argmax(forward(input, Mode.evaluation()), 1).item_long();
    }
  }

  @Override
  public void close() {
    state.close();
  }
}
