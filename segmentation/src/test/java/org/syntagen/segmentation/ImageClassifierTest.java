package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SampleOrigin;
import org.syntagen.dataset.Shard;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightsException;
import org.syntagen.tensor.nn.BatchNorm2d;

class ImageClassifierTest {
  private static final ClassSet CLASSES = ClassSet.of(List.of("background", "red", "green"));
  private static final List<String> NAMES = List.of("red", "green");
  private static final int SIZE = 32;

  @TempDir private Path folder;

  /** Pictures of one coloured square each, whose masks are removed after writing. */
  private NamedImages squares(int count) throws IOException {
    Path data = folder.resolve("squares");
    DatasetHeader header =
        new DatasetHeader("squares", CLASSES, count, 1, Map.of(), Map.of(), "test");
    try (DatasetWriter writer = DatasetWriter.open(data, header, Shard.WHOLE)) {
      List<LabeledImage> pictures = Pictures.squares(count, SIZE, 3, 5);
      for (int i = 0; i < count; i++) {
        LabeledImage picture = pictures.get(i);
        BufferedImage image = Images.ofRgb(picture.rgb(), SIZE, SIZE);
        String name = NAMES.get(i % 2);
        SampleOrigin origin = new SampleOrigin("a square", List.of(name), i, Map.of());
        writer.write(i, image, picture.mask(), origin);
      }
      writer.finish();
    }
    try (var masks = Files.list(data.resolve("mask"))) {
      for (Path mask : (Iterable<Path>) masks::iterator) {
        Files.delete(mask);
      }
    }
    return new NamedImages(Dataset.openImages(data, Dataset.DEFAULT_LIST));
  }

  @Test
  void itHasTorchvisionsNamesAndParameterCount() {
    List<String> thousand = IntStream.range(0, 1000).mapToObj(i -> "class" + i).toList();
    try (ImageClassifier classifier = ImageClassifier.random(thousand, 1)) {
      StateDict state = classifier.state();
      long parameters =
          state.names().stream()
              .filter(name -> !BatchNorm2d.isBuffer(name))
              .mapToLong(name -> state.get(name).numel())
              .sum();
      assertThat(parameters).isEqualTo(5_483_032); // as torchvision publishes it
      assertThat(state.names())
          .contains(
              "features.0.0.weight",
              "features.4.block.2.fc1.bias",
              "features.16.1.running_var",
              "classifier.0.weight",
              "classifier.3.bias");
    }
  }

  @Test
  void itLearnsToNameSquaresWithoutTheirMasks() throws IOException {
    List<Double> losses = new ArrayList<>();
    ClassifierTrainer trainer =
        new ClassifierTrainer(
            new ClassifierTrainer.Settings(60, 8, SIZE, 0.003, 3), NAMES, squares(24));
    try (ImageClassifier trained = trainer.train((step, loss) -> losses.add(loss))) {
      assertThat(trained.classNames()).isEqualTo(NAMES);
    }
    assertThat(losses).hasSize(60);
    // Single batches may still be far off, and which ones depends on the last bits of a sum.
    assertThat(median(losses.subList(40, 60))).isLessThan(0.3 * median(losses.subList(0, 3)));
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  @Test
  void whatIsWrittenIsReadAgainAndTheHighestScoreNamesAnImage() throws IOException {
    NamedImages images = squares(4);
    Path file = folder.resolve("classifier.safetensors");
    Path again = folder.resolve("again.safetensors");
    try (ImageClassifier classifier = ImageClassifier.random(NAMES, 4)) {
      classifier.write(file);
    }
    try (ImageClassifier read = ImageClassifier.load(file)) {
      assertThat(read.classNames()).isEqualTo(NAMES);
      read.write(again);
      for (String favoured : NAMES) { // a bias that outweighs everything decides
        int position = NAMES.indexOf(favoured);
        read.state().get("classifier.3.bias").zero_().narrow(0, position, 1).add_(new Scalar(1e3));
        assertThat(read.classify(images.load(0))).isEqualTo(position);
      }
    }
    assertThat(again).hasSameBinaryContentAs(file);
  }

  @Test
  void aClassThatIsNotToBeLearnedIsNamed() throws IOException {
    NamedImages images = squares(4);
    ClassifierTrainer trainer =
        new ClassifierTrainer(
            new ClassifierTrainer.Settings(1, 2, SIZE, 0.001, 3), List.of("red"), images);
    assertThatThrownBy(() -> trainer.train((step, loss) -> {}))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("the class green is not among those to learn: red");
  }

  @Test
  void aSegmenterStartsFromItsFeatures() {
    Path file = folder.resolve("classifier.safetensors");
    try (ImageClassifier classifier = ImageClassifier.random(NAMES, 8)) {
      classifier.write(file);
    }
    InitialWeights weights = InitialWeights.read(file);
    try (DeepLabV3 model = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 1);
        DeepLabV3 untouched = DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, 3, 1);
        StateDict written = SafeTensors.read(file);
        StateDict expected = written.copy(Dtype.F32)) {
      weights.copyInto(model);
      assertThat(values(model, "backbone.7.block.0.0.weight"))
          .isEqualTo(Tensors.floats(expected.get("features.7.block.0.0.weight")));
      assertThat(values(model, "classifier.4.weight"))
          .isEqualTo(values(untouched, "classifier.4.weight"));
      assertThat(weights.fingerprint()).isEqualTo(written.fingerprint());
    }
  }

  private static float[] values(DeepLabV3 model, String name) {
    Tensor tensor = model.state().get(name);
    return Tensors.floats(tensor);
  }

  @Test
  void weightsOfAnotherNetworkAreRefusedByTheirTensors() {
    Path file = folder.resolve("classifier.safetensors");
    try (ImageClassifier classifier = ImageClassifier.random(NAMES, 8)) {
      classifier.write(file);
    }
    InitialWeights weights = InitialWeights.read(file);
    try (DeepLabV3 model = DeepLabV3.random(Backbone.RESNET50, 3, 1)) {
      assertThatThrownBy(() -> weights.copyInto(model))
          .isInstanceOf(WeightsException.class)
          .hasMessageStartingWith(
              file + ": holds mobilenet_v3_large, but the network stands on resnet50");
    }
  }

  @Test
  void aFileOfAnotherKindIsRefused() {
    Path file = folder.resolve("other.safetensors");
    try (StateDict other = new StateDict("other")) {
      SafeTensors.write(file, other, Map.of());
    }
    assertThatThrownBy(() -> ImageClassifier.load(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("is no image classifier of this project");
  }
}
