package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.ClassSet;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightsException;

class CheckpointTest {
  private static final ClassSet CLASSES = ClassSet.of(List.of("background", "red", "green"));
  private static final TrainingConfig CONFIG =
      Configs.tiny("sgd", 1, 2, 8).config(InitialWeights.RANDOM);

  private static TrainingResult trained;
  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    trained =
        new Trainer(CONFIG, CLASSES, LabeledImages.of(Pictures.squares(2, 32, 3, 1)))
            .train(progress -> {});
  }

  @AfterAll
  static void free() {
    trained.close();
  }

  private Path written() {
    Path file = folder.resolve("model.safetensors");
    Checkpoint.write(file, trained, CONFIG, CLASSES.names(), "dataset-fingerprint");
    return file;
  }

  @Test
  void aWrittenNetworkReadsBackWithTheSameFingerprintAndPredictions() {
    List<LabeledImage> images = Pictures.squares(2, 40, 3, 4);
    try (DeepLabV3 loaded = DeepLabV3.load(written())) {
      assertThat(loaded.fingerprint()).isEqualTo(trained.model().fingerprint());
      assertThat(loaded.backbone()).isEqualTo(Backbone.MOBILENET_V3_LARGE);
      assertThat(loaded.classes()).isEqualTo(3);
      assertThat(new Predictor(loaded, 0).predict(images.get(0)))
          .isEqualTo(new Predictor(trained.model(), 0).predict(images.get(0)));
    }
  }

  @Test
  void theFileSaysWhatItWasTrainedOnAndHow() {
    Checkpoint checkpoint = Checkpoint.read(written());
    assertThat(checkpoint.classNames()).containsExactly("background", "red", "green");
    assertThat(checkpoint.training())
        .hasSameSizeAs(CONFIG.toMap())
        .containsEntry("backbone", "mobilenet_v3_large")
        .containsEntry("optimizer", "sgd")
        .containsEntry("learning_rate", 0.01)
        .containsEntry("crop_size", 32)
        .containsEntry("seed", 8);
    assertThat(checkpoint.iterations()).isEqualTo(1);
    assertThat(checkpoint.curve()).isEqualTo(trained.history());
    assertThat(checkpoint.datasetFingerprint()).isEqualTo("dataset-fingerprint");
    assertThat(checkpoint.modelFingerprint()).isEqualTo(trained.model().fingerprint());
  }

  @Test
  void theCurveOfALongRunIsThinned() {
    List<TrainingResult.Point> history =
        IntStream.rangeClosed(1, 1250)
            .mapToObj(i -> new TrainingResult.Point(i, i, 1.0 / i))
            .toList();
    Path file = folder.resolve("long.safetensors");
    TrainingResult result = new TrainingResult(trained.model(), history, 1);
    Checkpoint.write(file, result, CONFIG, CLASSES.names(), "");
    List<TrainingResult.Point> curve = Checkpoint.read(file).curve();
    assertThat(curve).hasSize(Checkpoint.MOST_POINTS);
    assertThat(curve.get(0)).isEqualTo(new TrainingResult.Point(2, 1.5, 0.5));
    assertThat(curve.get(1)).isEqualTo(new TrainingResult.Point(5, 4, 0.2));
    assertThat(curve.get(499).iteration()).isEqualTo(1250);
  }

  @Test
  void aMissingTensorIsNamed() {
    Path file = rewritten("backbone.4.block.2.fc1.bias", null);
    assertThatThrownBy(() -> DeepLabV3.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessage(file + ": tensor backbone.4.block.2.fc1.bias is missing");
  }

  @Test
  void aMisshapenTensorIsNamedWithBothShapes() {
    Path file = rewritten("classifier.1.weight", Tensors.zeros(256, 256, 1, 1));
    assertThatThrownBy(() -> DeepLabV3.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            file
                + ": tensor classifier.1.weight has shape [256, 256, 1, 1],"
                + " expected [256, 256, 3, 3]");
  }

  @Test
  void anImpossibleNumberOfClassesIsRefused() {
    Path file = rewritten("classifier.4.weight", Tensors.zeros(7));
    assertThatThrownBy(() -> DeepLabV3.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("classifier.4.weight has shape [7], expected [classes, 256, 1, 1]");
  }

  @Test
  void aForeignTensorIsNamed() {
    Path file = rewritten("fc.weight", Tensors.zeros(3));
    assertThatThrownBy(() -> DeepLabV3.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessage(file + ": tensor fc.weight does not belong to this architecture");
  }

  @Test
  void aCounterOfAnotherTypeIsNamed() {
    Path file = rewritten("classifier.2.num_batches_tracked", Tensors.full(1));
    assertThatThrownBy(() -> DeepLabV3.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("classifier.2.num_batches_tracked has dtype F32, expected I64");
  }

  @Test
  void aFileWithoutTheNetworkIsRefused() {
    Path file = folder.resolve("other.safetensors");
    try (StateDict other = new StateDict("other")) {
      other.put("weight", Tensors.zeros(2));
      SafeTensors.write(file, other, Map.of());
    }
    assertThatThrownBy(() -> DeepLabV3.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": holds no DeepLabv3");
    assertThatThrownBy(() -> Checkpoint.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is no segmentation checkpoint");
    assertThat(Checkpoint.find(file)).isEmpty();
    Path absent = folder.resolve("absent.safetensors");
    assertThatThrownBy(() -> DeepLabV3.load(absent)).hasMessage(absent + ": no such weight file");
  }

  @Test
  void aNetworkSavedWithoutItsAuxiliaryHeadStillPredicts() {
    Path file = folder.resolve("no-aux.safetensors");
    try (StateDict reduced = new StateDict("reduced");
        DeepLabV3 model = trained(reduced, file)) {
      assertThat(model.state().names()).noneMatch(name -> name.startsWith("aux_classifier"));
      LabeledImage image = Pictures.squares(1, 40, 3, 4).get(0);
      assertThat(new Predictor(model, 0).predict(image))
          .isEqualTo(new Predictor(trained.model(), 0).predict(image));
    }
  }

  private static DeepLabV3 trained(StateDict reduced, Path file) {
    StateDict state = trained.model().state();
    for (String name : state.names()) {
      if (!name.startsWith("aux_classifier.")) {
        reduced.put(name, Scope.compute(() -> state.get(name).detach()));
      }
    }
    SafeTensors.write(file, reduced, Map.of());
    return DeepLabV3.load(file);
  }

  @Test
  void halfPrecisionCheckpointsAreReadAsFullOnes() {
    Path file = folder.resolve("half.safetensors");
    try (NoGrad noGrad = new NoGrad();
        StateDict half = trained.model().state().copy(Dtype.F16)) {
      SafeTensors.write(file, half, Map.of());
    }
    try (DeepLabV3 model = DeepLabV3.load(file)) {
      assertThat(Dtype.of(model.state().get("classifier.4.weight"))).isEqualTo(Dtype.F32);
    }
  }

  /** The checkpoint with one tensor replaced or added, or removed for null. */
  private Path rewritten(String changed, Tensor replacement) {
    Path file = folder.resolve("rewritten.safetensors");
    try (StateDict state = new StateDict("rewritten")) {
      StateDict original = trained.model().state();
      for (String name : original.names()) {
        if (!name.equals(changed)) {
          state.put(name, Scope.compute(() -> original.get(name).detach()));
        }
      }
      if (replacement != null) {
        state.put(changed, replacement);
      }
      SafeTensors.write(file, state, Map.of());
    }
    return file;
  }
}
