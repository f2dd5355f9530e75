package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syntagen.dataset.ClassSet;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares with what parity/segmentation/record.py recorded of torchvision 0.25. */
class TorchvisionParityTest {
  private static final int CLASSES = 21;

  /** For outputs, losses and statistics, whose values are of the order of 1. */
  private static final double TOLERANCE = 2e-4;

  /**
   * For elements of gradients, relative to their root mean square: PyTorch's own 32-bit gradients
   * are 2 % off its 64-bit ones in this deep a network.
   */
  private static final double GRADIENT_TOLERANCE = 0.06;

  /** For norms of gradients, relative. */
  private static final double NORM_TOLERANCE = 0.005;

  @ParameterizedTest
  @EnumSource(Backbone.class)
  void parameterCountIsThePublishedOne(Backbone backbone) {
    try (DeepLabV3 model = DeepLabV3.random(backbone, CLASSES, 0)) {
      assertThat(model.parameterCount())
          .isEqualTo(backbone.vocParameters())
          .isEqualTo(fixture(backbone).get("parameters").asLong());
    }
    assertThat(Backbone.RESNET50.vocParameters()).isEqualTo(42_004_074);
    assertThat(Backbone.MOBILENET_V3_LARGE.vocParameters()).isEqualTo(11_029_328);
  }

  @ParameterizedTest
  @EnumSource(Backbone.class)
  void namesTypesShapesAndKindsOfTensorsAreThoseOfTorchvision(Backbone backbone) {
    List<String> expected = resource(backbone.id() + ".keys.tsv").lines().toList();
    try (DeepLabV3 model = DeepLabV3.random(backbone, CLASSES, 0)) {
      StateDict state = model.state();
      Map<String, Tensor> parameters = model.parameters();
      List<String> found =
          state.names().stream()
              .map(name -> line(name, state.get(name), parameters.containsKey(name)))
              .toList();
      assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static String line(String name, Tensor tensor, boolean parameter) {
    String shape =
        Arrays.stream(Ops.shape(tensor)).mapToObj(Long::toString).collect(Collectors.joining("x"));
    return String.join(
        "\t",
        name,
        Dtype.of(tensor) == Dtype.I64 ? "int64" : "float32",
        shape.isEmpty() ? "-" : shape,
        parameter ? "parameter" : "buffer");
  }

  @ParameterizedTest
  @EnumSource(Backbone.class)
  void predictionsOfAnEvaluationAreThoseOfTorchvision(Backbone backbone) {
    JsonNode fixture = fixture(backbone);
    try (DeepLabV3 model = formulaModel(backbone);
        NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      DeepLabV3.Logits logits = model.forward(input(fixture), Mode.evaluation());
      assertSummary(logits.out(), fixture.get("evaluation"));
      assertThat(logits.aux()).as("the auxiliary head rests in evaluation").isNull();
      assertThat(model.state().get("classifier.2.num_batches_tracked").item_long()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Backbone.class)
  void aTrainingStepHasTheLossesGradientsAndStatisticsOfTorchvision(Backbone backbone) {
    JsonNode fixture = fixture(backbone);
    JsonNode expected = fixture.get("training");
    try (DeepLabV3 model = formulaModel(backbone);
        Scope scope = new Scope()) {
      model.parameters().values().forEach(parameter -> parameter.requires_grad_(true));
      Tensor input = input(fixture);
      DeepLabV3.Logits logits = model.forward(input, Mode.batchStatistics());
      assertSummary(logits.out(), expected.get("out"));
      assertSummary(logits.aux(), expected.get("aux"));
      long[] shape = {input.size(0), input.size(2), input.size(3)};
      Tensor labels = Ops.of(FormulaWeights.labels((int) (shape[0] * shape[1] * shape[2])), shape);
      Tensor loss = Ops.crossEntropy(logits.out(), labels, ClassSet.VOID);
      Tensor auxLoss = Ops.crossEntropy(logits.aux(), labels, ClassSet.VOID);
      assertThat(loss.item_double()).isCloseTo(expected.get("loss").asDouble(), within(TOLERANCE));
      assertThat(auxLoss.item_double())
          .isCloseTo(expected.get("aux_loss").asDouble(), within(TOLERANCE));
      loss.add(Ops.scale(auxLoss, 0.5)).backward();
      assertGradients(model, expected.get("gradients"));
      assertMeans(model.state(), expected.get("running_means"));
      assertMeans(model.state(), expected.get("running_vars"));
      assertThat(model.state().get("classifier.2.num_batches_tracked").item_long()).isEqualTo(1);
    }
  }

  private static void assertGradients(DeepLabV3 model, JsonNode expected) {
    expected
        .properties()
        .forEach(
            entry -> {
              Tensor gradient = model.parameters().get(entry.getKey()).grad();
              double norm = entry.getValue().get("norm").asDouble();
              assertThat(Math.sqrt(gradient.square().sum().item_double()))
                  .as("norm of the gradient of %s", entry.getKey())
                  .isCloseTo(norm, within(NORM_TOLERANCE * norm));
              float[] values = Ops.floats(gradient);
              for (int i = 0; i < 4; i++) {
                assertThat((double) values[i])
                    .as("gradient %d of %s", i, entry.getKey())
                    .isCloseTo(
                        entry.getValue().get("first").get(i).asDouble(),
                        within(GRADIENT_TOLERANCE * norm / Math.sqrt(values.length)));
              }
            });
  }

  private static void assertMeans(StateDict state, JsonNode expected) {
    expected
        .properties()
        .forEach(
            entry ->
                assertThat(state.get(entry.getKey()).mean().item_double())
                    .as(entry.getKey())
                    .isCloseTo(entry.getValue().asDouble(), within(TOLERANCE)));
  }

  private static void assertSummary(Tensor logits, JsonNode expected) {
    int height = (int) logits.size(2);
    int width = (int) logits.size(3);
    float[] values = Ops.floats(logits);
    assertThat(logits.mean().item_double())
        .isCloseTo(expected.get("mean").asDouble(), within(TOLERANCE));
    double mean = expected.get("mean").asDouble();
    double squares = 0;
    for (float value : values) {
      squares += (value - mean) * (value - mean);
    }
    assertThat(Math.sqrt(squares / values.length))
        .isCloseTo(expected.get("std").asDouble(), within(TOLERANCE));
    for (JsonNode pixel : expected.get("pixels")) {
      for (int label = 0; label < CLASSES; label++) {
        int channel = pixel.get("image").asInt() * CLASSES + label;
        int at = (channel * height + pixel.get("y").asInt()) * width + pixel.get("x").asInt();
        assertThat((double) values[at])
            .as("class %d at %s", label, pixel)
            .isCloseTo(pixel.get("logits").get(label).asDouble(), within(10 * TOLERANCE));
      }
    }
  }

  private static DeepLabV3 formulaModel(Backbone backbone) {
    DeepLabV3 model = DeepLabV3.random(backbone, CLASSES, 0);
    FormulaWeights.fill(model.state());
    return model;
  }

  private static Tensor input(JsonNode fixture) {
    long[] shape = new long[4];
    int count = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = fixture.get("input").get(i).asLong();
      count *= (int) shape[i];
    }
    return Ops.of(FormulaWeights.values("input", count, 0, 2), shape);
  }

  private static JsonNode fixture(Backbone backbone) {
    return JsonMapper.builder().build().readTree(resource(backbone.id() + ".json"));
  }

  static String resource(String name) {
    try (InputStream in = TorchvisionParityTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
