package org.syntagen.segmentation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.optim.WeightAverage;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Saves a run from time to time so that the same command resumes it after an interruption: weights,
 * optimiser and loss curve in one safetensors file, which is replaced in one step. Whether and how
 * often it saves never changes where the run ends.
 */
public final class TrainingSnapshots {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MODEL = "model.";
  private static final String OPTIMIZER = "optimizer.";
  private static final String AVERAGE = "average.";
  private static final String RUN = "run";
  private static final String HISTORY = "history";
  private static final String SECONDS = "seconds";

  private final Path file; // null: never save
  private final Duration every;
  private final String datasetFingerprint;
  private long lastSave = System.nanoTime();

  private TrainingSnapshots(Path file, Duration every, String datasetFingerprint) {
    this.file = file;
    this.every = every;
    this.datasetFingerprint = datasetFingerprint;
  }

  /** No file is read or written. */
  public static TrainingSnapshots none() {
    return new TrainingSnapshots(null, Duration.ZERO, "");
  }

  /**
   * Keeps the latest state in {@code file}.
   *
   * @param every the time between savings; zero saves after each step
   * @param datasetFingerprint of the images, which a resumed run must share
   */
  public static TrainingSnapshots in(Path file, Duration every, String datasetFingerprint) {
    return new TrainingSnapshots(file, every, datasetFingerprint);
  }

  /** Removes the file, once the checkpoint of the finished run is safe. */
  public void delete() {
    if (file == null) {
      return;
    }
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be removed: " + e.getMessage(), e);
    }
  }

  /** What the run is a function of; a snapshot of another run is refused. */
  private String run(TrainingConfig config, int classes) {
    // A list: the order of Map.of differs from process to process.
    return JSON.writeValueAsString(List.of(config.toMap(), classes, datasetFingerprint));
  }

  /** The saved state, or the beginning of a run where nothing was saved. */
  TrainingState restore(TrainingConfig config, ClassSet classes) {
    if (file == null || !Files.exists(file)) {
      return TrainingState.start(config, classes);
    }
    Map<String, String> metadata = SafeTensors.metadata(file);
    if (!run(config, classes.size()).equals(metadata.get(RUN))) {
      throw new InputException(
          "%s belongs to a run with another configuration or dataset; remove it to start over"
              .formatted(file));
    }
    try (StateDict mapped = SafeTensors.read(file)) {
      return new TrainingState(
          DeepLabV3.of(part(mapped, MODEL)),
          part(mapped, OPTIMIZER),
          config.averageDecay() == 0
              ? Optional.empty()
              : Optional.of(new WeightAverage(part(mapped, AVERAGE), config.averageDecay())),
          history(metadata.get(HISTORY)),
          Double.parseDouble(metadata.get(SECONDS)));
    }
  }

  /** Writable copies of the tensors whose names begin with {@code prefix}, without it. */
  private static StateDict part(StateDict all, String prefix) {
    StateDict part = new StateDict(all.origin());
    for (String name : all.names()) {
      if (name.startsWith(prefix)) {
        part.put(
            name.substring(prefix.length()),
            Scope.compute(() -> Tensors.copy(all.get(name), Dtype.of(all.get(name)))));
      }
    }
    return part;
  }

  private static List<TrainingResult.Point> history(String json) {
    List<double[]> pairs = JSON.readValue(json, new TypeReference<List<double[]>>() {});
    List<TrainingResult.Point> history = new ArrayList<>();
    for (double[] pair : pairs) {
      history.add(new TrainingResult.Point(history.size() + 1, pair[0], pair[1]));
    }
    return history;
  }

  /** Saves the state if it is time. */
  void offer(TrainingState state, TrainingConfig config) {
    if (file == null || System.nanoTime() - lastSave < every.toNanos()) {
      return;
    }
    List<double[]> history =
        state.history().stream()
            .map(point -> new double[] {point.loss(), point.learningRate()})
            .toList();
    try (StateDict all = new StateDict("snapshot")) {
      share(state.model().state(), all, MODEL);
      share(state.optimizer(), all, OPTIMIZER);
      state.average().ifPresent(average -> share(average, all, AVERAGE));
      SafeTensors.write(
          file,
          all,
          Map.of(
              RUN, run(config, state.model().classes()),
              HISTORY, JSON.writeValueAsString(history),
              SECONDS, Double.toString(state.seconds())));
    }
    lastSave = System.nanoTime();
  }

  /** Puts second handles of the same memory into another dictionary. */
  private static void share(StateDict from, StateDict to, String prefix) {
    from.names().forEach(name -> to.share(prefix + name, from.get(name)));
  }
}
