package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.WeightsException;

class InitialWeightsTest {
  private static final String COUNTER = ".num_batches_tracked";

  @TempDir private Path folder;

  private static DeepLabV3 mobile(int classes, long seed) {
    return DeepLabV3.random(Backbone.MOBILENET_V3_LARGE, classes, seed);
  }

  /** A file of a network's tensors; a name that becomes null is left out. */
  private Path write(String file, DeepLabV3 model, UnaryOperator<String> rename)
      throws IOException {
    Path path = folder.resolve(file);
    try (StateDict renamed = new StateDict("renamed")) {
      for (String name : model.state().names()) {
        if (rename.apply(name) != null) {
          renamed.share(rename.apply(name), model.state().get(name));
        }
      }
      if (file.endsWith(".pth")) {
        TorchSave.write(path, renamed);
      } else {
        SafeTensors.write(path, renamed, Map.of());
      }
    }
    return path;
  }

  /** The names of an image classifier of before PyTorch 0.4.1, which had no counters. */
  private static String asClassifier(String name) {
    return DeepLabV3.isOfBackbone(name) && !name.endsWith(COUNTER)
        ? Backbone.MOBILENET_V3_LARGE.inClassifier(name)
        : null;
  }

  private static float[] values(DeepLabV3 model, String name) {
    return Tensors.floats(model.state().get(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenet_v3_large-5c1a4163.pth", "classifier.safetensors"})
  void aClassifiersBackboneIsTakenFromEitherFormat(String file) throws IOException {
    try (DeepLabV3 source = mobile(3, 1);
        DeepLabV3 model = mobile(3, 2);
        DeepLabV3 untouched = mobile(3, 2)) {
      InitialWeights weights =
          InitialWeights.read(write(file, source, InitialWeightsTest::asClassifier));
      assertThat(weights.kind()).isEqualTo(InitialWeights.Kind.CLASSIFIER);
      weights.copyInto(model);
      for (String name : model.state().names()) {
        DeepLabV3 expected =
            DeepLabV3.isOfBackbone(name) && !name.endsWith(COUNTER) ? source : untouched;
        if (!name.endsWith(COUNTER)) {
          assertThat(values(model, name)).as(name).isEqualTo(values(expected, name));
        }
      }
    }
  }

  @Test
  void aWholeNetworkIsTakenButForLayersOfOtherClasses() throws IOException {
    try (DeepLabV3 source = mobile(21, 1);
        DeepLabV3 model = mobile(3, 2);
        DeepLabV3 untouched = mobile(3, 2)) {
      InitialWeights weights =
          InitialWeights.read(write("deeplabv3.safetensors", source, name -> name));
      assertThat(weights.kind()).isEqualTo(InitialWeights.Kind.SEGMENTER);
      weights.copyInto(model);
      for (String name : model.parameters().keySet()) {
        DeepLabV3 expected = DeepLabV3.isOfLastLayer(name) ? untouched : source;
        assertThat(values(model, name)).as(name).isEqualTo(values(expected, name));
      }
    }
  }

  @Test
  void aWholeNetworkOfTheSameClassesIsTakenAsItIs() throws IOException {
    try (DeepLabV3 source = mobile(21, 1);
        DeepLabV3 model = mobile(21, 2)) {
      InitialWeights.read(write("deeplabv3.safetensors", source, name -> name)).copyInto(model);
      assertThat(model.fingerprint()).isEqualTo(source.fingerprint());
    }
  }

  @Test
  void weightsThatHaveSeenMasksAreRefusedForTheCompetition() throws IOException {
    try (DeepLabV3 coco = mobile(21, 1)) {
      Path file = write("deeplabv3_mobilenet_v3_large-fc3c493d.safetensors", coco, name -> name);
      InitialWeights weights = InitialWeights.read(file);
      assertThatThrownBy(() -> Recipe.of("competition").config(weights))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(file + ": holds a whole DeepLabv3, which was trained on masks")
          .hasMessageContaining("mask_trained_start is false");
      assertThat(Recipe.of("quick").config(weights).toMap())
          .containsEntry("initial_weights", coco.fingerprint());
    }
  }

  @Test
  void anotherBackboneIsNamedWithTheOneToChoose() throws IOException {
    try (DeepLabV3 source = mobile(3, 1);
        DeepLabV3 model = DeepLabV3.random(Backbone.RESNET50, 3, 2)) {
      Path file = write("classifier.safetensors", source, InitialWeightsTest::asClassifier);
      InitialWeights weights = InitialWeights.read(file);
      assertThatThrownBy(() -> weights.copyInto(model))
          .isInstanceOf(WeightsException.class)
          .hasMessage(
              file
                  + ": holds mobilenet_v3_large, but the network stands on resnet50; choose the"
                  + " backbone mobilenet_v3_large");
    }
  }

  @Test
  void aMissingTensorIsNamedAsTheFileWouldCallIt() throws IOException {
    try (DeepLabV3 source = mobile(3, 1)) {
      Path file =
          write(
              "classifier.safetensors",
              source,
              name -> name.equals("backbone.16.1.bias") ? null : asClassifier(name));
      assertThatThrownBy(() -> InitialWeights.read(file).copyInto(source))
          .isInstanceOf(WeightsException.class)
          .hasMessage(file + ": tensor features.16.1.bias is missing");
    }
  }
}
