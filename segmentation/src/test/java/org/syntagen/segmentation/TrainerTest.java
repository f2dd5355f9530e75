package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;

class TrainerTest {
  private static final ClassSet CLASSES = ClassSet.of(List.of("background", "red", "green"));

  private static final LabeledImages IMAGES = LabeledImages.of(Pictures.squares(6, 32, 3, 1));

  private static TrainingConfig config(int iterations, double seconds, long seed) {
    return config(iterations, seconds, Optimizer.SGD, 0.02, Precision.FP32, seed);
  }

  private static TrainingConfig config(
      int iterations,
      double seconds,
      Optimizer optimizer,
      double learningRate,
      Precision precision,
      long seed) {
    return Configs.tiny(optimizer.id(), iterations, 4, seed)
        .with("seconds", Double.toString(seconds))
        .with("learning_rate", Double.toString(learningRate))
        .with("warmup", "0.1")
        .with("precision", precision.id())
        .config(InitialWeights.RANDOM);
  }

  private static Trainer trainer(TrainingConfig config) {
    return new Trainer(config, CLASSES, IMAGES);
  }

  @ParameterizedTest
  @CsvSource({"SGD, 0.02, FP32", "SGD, 0.02, BF16", "ADAMW, 0.005, FP32"})
  void twentyStepsOnATinySetLowerTheLoss(
      Optimizer optimizer, double learningRate, Precision precision) {
    TrainingConfig tiny = config(20, 0, optimizer, learningRate, precision, 3);
    try (TrainingResult result = trainer(tiny).train(progress -> {})) {
      List<TrainingResult.Point> history = result.history();
      double first = history.subList(0, 3).stream().mapToDouble(p -> p.loss()).average().orElse(0);
      double last = history.subList(17, 20).stream().mapToDouble(p -> p.loss()).average().orElse(9);
      assertThat(last).isLessThan(0.7 * first);
      assertThat(history.get(0).iteration()).isEqualTo(1);
      assertThat(result.iterations()).isEqualTo(20);
    }
  }

  @Test
  void theSameSeedEndsInTheSameWeightsAndAnotherInOthers() {
    String first = fingerprint(config(4, 0, 1));
    assertThat(fingerprint(config(4, 0, 1))).isEqualTo(first);
    assertThat(fingerprint(config(4, 0, 2))).isNotEqualTo(first);
  }

  private static String fingerprint(TrainingConfig config) {
    try (TrainingResult result = trainer(config).train(progress -> {})) {
      return result.model().fingerprint();
    }
  }

  @ParameterizedTest
  @CsvSource({"SGD, 0, 1", "ADAMW, 0, 1", "SGD, 0.9, 2"})
  void anInterruptedRunResumesAndEndsInTheSameWeights(
      Optimizer optimizer, String averageDecay, String accumulation, @TempDir Path folder) {
    TrainingConfig config =
        Configs.tiny(optimizer.id(), 6, 2, 5)
            .with("learning_rate", "0.002")
            .with("average_decay", averageDecay)
            .with("accumulation", accumulation)
            .config(InitialWeights.RANDOM);
    Path file = folder.resolve("run.safetensors");
    TrainingSnapshots snapshots = TrainingSnapshots.in(file, Duration.ZERO, "data");
    assertThatThrownBy(
            () ->
                trainer(config)
                    .train(
                        snapshots,
                        progress -> {
                          if (progress.iteration() == 4) {
                            throw new IllegalStateException("power cut");
                          }
                        }))
        .hasMessage("power cut");
    assertThat(file).exists();
    List<Integer> steps = new ArrayList<>();
    try (TrainingResult resumed =
        trainer(config).train(snapshots, progress -> steps.add(progress.iteration()))) {
      assertThat(steps).containsExactly(4, 5, 6);
      assertThat(resumed.model().fingerprint()).isEqualTo(fingerprint(config));
      assertThat(resumed.history()).hasSize(6);
    }
    snapshots.delete();
    assertThat(file).doesNotExist();
  }

  @Test
  void aSnapshotOfAnotherRunIsRefused(@TempDir Path folder) {
    Path file = folder.resolve("run.safetensors");
    TrainingSnapshots snapshots = TrainingSnapshots.in(file, Duration.ZERO, "data");
    trainer(config(1, 0, 1)).train(snapshots, progress -> {}).close();
    assertThatThrownBy(() -> trainer(config(2, 0, 1)).train(snapshots, progress -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith(
            "belongs to a run with another configuration or dataset; remove it to start over");
    TrainingSnapshots otherData = TrainingSnapshots.in(file, Duration.ZERO, "other data");
    assertThatThrownBy(() -> trainer(config(1, 0, 1)).train(otherData, progress -> {}))
        .isInstanceOf(InputException.class);
    assertThat(Files.exists(file)).isTrue();
  }

  @Test
  void aStepOfSeveralBatchesFollowsTheirMeanGradient() {
    Batch batch =
        new Batches(new Mixture(List.of(IMAGES), List.of(1), 3), new Augmentation(32, 32), 4, 3)
            .batch(0);
    assertThat(weightsAfter(batch, 3)).isCloseTo(weightsAfter(batch, 1), within(1e-5));
  }

  /** The norm of the change of the weights by a step of the same batch several times. */
  private static double weightsAfter(Batch batch, int times) {
    Optimization how = config(1, 0, 1).optimization();
    try (DeepLabV3 model = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 1);
        DeepLabV3 before = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 1);
        StateDict state = new StateDict("optimizer");
        Scope scope = new Scope()) {
      model.parameters().values().forEach(parameter -> parameter.requires_grad_(true));
      TrainingStep step =
          new TrainingStep(model, how.optimizer().bind(model, state, how), 0.5, Precision.FP32);
      for (int i = 0; i < times; i++) {
        step.accumulate(batch, null, 1, 0.1, 1.0 / times);
      }
      step.update().apply(1, 0.1);
      String name = "classifier.4.weight";
      Tensor change = Ops.add(model.state().get(name).detach(), before.state().get(name), -1);
      return Ops.norm(change);
    }
  }

  @Test
  void theRunEndsInTheAverageOfItsWeights() {
    Recipe recipe = Configs.tiny("sgd", 1, 2, 4);
    String name = "classifier.4.weight";
    // After one step the average is at 9/11 of the way, with a decay of 2/11 (see WeightAverage).
    try (TrainingResult raw = trainer(recipe.config(InitialWeights.RANDOM)).train(step -> {});
        TrainingResult averaged =
            trainer(recipe.with("average_decay", "0.999").config(InitialWeights.RANDOM))
                .train(step -> {});
        DeepLabV3 start = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 4);
        Scope scope = new Scope()) {
      Tensor from = start.state().get(name);
      Tensor moved = Ops.add(raw.model().state().get(name), from, -1);
      Tensor expected = Ops.add(from, moved, 9.0 / 11);
      Tensor difference = Ops.add(averaged.model().state().get(name), expected, -1);
      assertThat(Ops.norm(moved)).isPositive();
      assertThat(Ops.norm(difference)).isLessThan(1e-4 * Ops.norm(moved));
    }
  }

  @Test
  void aTimeBudgetEndsTheRunAndTakesTheRateToZero() {
    List<TrainingProgress> steps = new ArrayList<>();
    try (TrainingResult result = trainer(config(1_000_000, 2, 1)).train(steps::add)) {
      assertThat(result.seconds()).isBetween(2.0, 20.0);
      assertThat(result.iterations()).isLessThan(1000);
      TrainingProgress last = steps.get(steps.size() - 1);
      assertThat(last.done()).isEqualTo(1);
      assertThat(last.waitingShare()).isBetween(0.0, 1.0);
      assertThat(last.learningRate()).isLessThan(0.02);
    }
  }

  @Test
  void theTrainedModelIsReadyForPrediction() {
    try (TrainingResult result = trainer(config(1, 0, 1)).train(progress -> {})) {
      assertThat(result.model().parameters().values())
          .noneMatch(parameter -> parameter.requires_grad() || parameter.grad().defined());
    }
  }

  @Test
  void aDivergedLossNamesTheStepAndItsSamples() {
    TrainingConfig wild = config(50, 0, Optimizer.SGD, 100, Precision.FP32, 1);
    assertThatThrownBy(() -> trainer(wild).train(progress -> {}).close())
        .isInstanceOf(TrainingException.class)
        .hasMessageMatching(
            "training diverged at iteration \\d+: the loss is (NaN|Infinity) on samples"
                + " \\[square-\\d(, square-\\d){3}]; lower the learning rate \\(now .*\\)");
  }

  @Test
  void aDivergedRunLeavesTheSnapshotOfItsLastGoodStep(@TempDir Path folder) {
    TrainingConfig wild = config(50, 0, Optimizer.SGD, 100, Precision.FP32, 1);
    Path file = folder.resolve("run.safetensors");
    TrainingSnapshots snapshots = TrainingSnapshots.in(file, Duration.ZERO, "data");
    List<Integer> steps = new ArrayList<>();
    assertThatThrownBy(
            () -> trainer(wild).train(snapshots, progress -> steps.add(progress.iteration())))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("diverged at iteration");
    try (TrainingState saved = snapshots.restore(wild, CLASSES)) {
      assertThat(saved.iteration()).isEqualTo(steps.size());
      assertThat(saved.last().loss()).isFinite();
    }
  }

  @Test
  void aBatchWithoutAnyLabelIsSkipped() {
    byte[] labels = new byte[32 * 32];
    Arrays.fill(labels, (byte) 255);
    LabeledImage empty = new LabeledImage("void", 32, 32, new byte[3 * 32 * 32], labels);
    Trainer trainer =
        new Trainer(config(2, 0, 1), CLASSES, LabeledImages.of(List.of(empty, empty)));
    try (TrainingResult result = trainer.train(progress -> {});
        DeepLabV3 untouched = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 1)) {
      assertThat(result.model().fingerprint()).isEqualTo(untouched.fingerprint());
    }
  }

  @Test
  void wrongInputIsNamedInOneLine() {
    assertThatThrownBy(() -> new Trainer(config(1, 0, 1), CLASSES, LabeledImages.of(List.of())))
        .isInstanceOf(InputException.class)
        .hasMessage("there is no image to train on; expected at least one");
    byte[] labels = new byte[32 * 32];
    Arrays.fill(labels, (byte) 21);
    LabeledImage foreign = new LabeledImage("foreign", 32, 32, new byte[3 * 32 * 32], labels);
    Trainer trainer = new Trainer(config(1, 0, 1), CLASSES, LabeledImages.of(List.of(foreign)));
    assertThatThrownBy(() -> trainer.train(progress -> {}))
        .isInstanceOf(InputException.class)
        .hasMessage("the mask of sample foreign holds label 21; expected 0 to 2, or 255 for void");
    assertThatThrownBy(() -> new LabeledImage("odd", 2, 2, new byte[12], new byte[3]))
        .hasMessageContaining("odd: 2×2 pixels need 4 label and 12 colour bytes, not 3 and 12");
  }
}
