package org.syntagen.segmentation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.WeightFile;
import org.syntagen.tensor.WeightsException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a checkpoint says about itself. The file is safetensors with torchvision's key names and the
 * following in its metadata, so that any reader of the format can use the weights.
 *
 * @param classNames name of each label in order
 * @param training the configuration, as {@link TrainingConfig#toMap} names it
 * @param iterations steps that were done
 * @param datasetFingerprint of the images that it was trained on
 * @param modelFingerprint of its tensors
 * @param curve the loss over the run: means over equal parts of it, at most {@value #MOST_POINTS}
 */
public record Checkpoint(
    List<String> classNames,
    Map<String, Object> training,
    int iterations,
    String datasetFingerprint,
    String modelFingerprint,
    List<TrainingResult.Point> curve) {
  /** Points of a curve. */
  static final int MOST_POINTS = 500;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String BASE_SIZE = "base_size";
  private static final String FORMAT = "syntagen-segmenter";

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if the base size is none that images can be resized to
   */
  public Checkpoint {
    classNames = List.copyOf(classNames);
    curve = List.copyOf(curve);
    training = Collections.unmodifiableMap(new LinkedHashMap<>(training)); // keeps its order
    Object size = training.getOrDefault(BASE_SIZE, 2);
    if (!(size instanceof Integer pixels && pixels >= 2 && pixels <= Augmentation.MOST_SIZE)) {
      throw new IllegalArgumentException(
          "%s is %s; expected 2 to %d".formatted(BASE_SIZE, size, Augmentation.MOST_SIZE));
    }
  }

  /** Pixels of the shorter side at which the network saw images, at scale 1, if it is known. */
  public Optional<Integer> baseSize() {
    return Optional.ofNullable((Integer) training.get(BASE_SIZE));
  }

  /**
   * Writes a trained network; the file appears under its name only when whole.
   *
   * @return what was recorded
   * @throws java.io.UncheckedIOException if it cannot be written
   */
  public static Checkpoint write(
      Path file,
      TrainingResult result,
      TrainingConfig config,
      List<String> classNames,
      String datasetFingerprint) {
    Checkpoint checkpoint =
        new Checkpoint(
            classNames,
            config.toMap(),
            result.iterations(),
            datasetFingerprint,
            result.model().fingerprint(),
            thinned(result.history()));
    SafeTensors.write(file, result.model().state(), checkpoint.metadata());
    return checkpoint;
  }

  /** The last of each part's points with the part's mean loss. */
  private static List<TrainingResult.Point> thinned(List<TrainingResult.Point> history) {
    List<TrainingResult.Point> thinned = new ArrayList<>();
    int parts = Math.min(MOST_POINTS, history.size());
    for (int part = 0; part < parts; part++) {
      int from = (int) ((long) part * history.size() / parts);
      int to = (int) ((part + 1L) * history.size() / parts);
      double mean =
          history.subList(from, to).stream()
              .mapToDouble(TrainingResult.Point::loss)
              .average()
              .orElseThrow();
      TrainingResult.Point last = history.get(to - 1);
      thinned.add(new TrainingResult.Point(last.iteration(), mean, last.learningRate()));
    }
    return thinned;
  }

  private Map<String, String> metadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("classes", JSON.writeValueAsString(classNames));
    metadata.put("training", JSON.writeValueAsString(training));
    metadata.put("iterations", Integer.toString(iterations));
    metadata.put("dataset_fingerprint", datasetFingerprint);
    metadata.put("model_fingerprint", modelFingerprint);
    metadata.put("curve", JSON.writeValueAsString(curve));
    return metadata;
  }

  /**
   * As {@link #read}; empty for weights that are no checkpoint of this project, as torchvision's.
   *
   * @throws WeightsException if the file is missing or damaged
   */
  public static Optional<Checkpoint> find(Path file) {
    return !WeightFile.ofTorch(file) && FORMAT.equals(SafeTensors.metadata(file).get("format"))
        ? Optional.of(read(file))
        : Optional.empty();
  }

  /**
   * Reads what a file says about itself, without its tensors.
   *
   * @throws WeightsException if the file is missing, damaged or no checkpoint of this project
   */
  public static Checkpoint read(Path file) {
    Map<String, String> metadata = SafeTensors.metadata(file);
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new WeightsException(file + ": is no segmentation checkpoint of this project");
    }
    try {
      return new Checkpoint(
          JSON.readValue(metadata.get("classes"), new TypeReference<List<String>>() {}),
          JSON.readValue(metadata.get("training"), new TypeReference<Map<String, Object>>() {}),
          Integer.parseInt(metadata.get("iterations")),
          metadata.get("dataset_fingerprint"),
          metadata.get("model_fingerprint"),
          JSON.readValue(
              metadata.getOrDefault("curve", "[]"),
              new TypeReference<List<TrainingResult.Point>>() {}));
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      throw new WeightsException(file + ": its metadata is damaged: " + e.getMessage());
    }
  }
}
