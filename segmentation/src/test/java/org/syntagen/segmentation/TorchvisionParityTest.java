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
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares with what parity/segmentation/record.py recorded of torchvision 0.25. */
class TorchvisionParityTest {
  private static final int CLASSES = 21;

  /** For predictions in 32 bits, relative to the largest. */
  private static final double TOLERANCE = 1e-4;

  /**
   * For training in 64 bits, relative to a tensor's norm. In 32 bits nothing could be compared:
   * PyTorch's own gradients are 2 % off its 64-bit ones in the first step and unlike them in the
   * second.
   */
  private static final double EXACT = 1e-6;

  /** Gradients that are 0 but for rounding are measured by this instead of their norm. */
  private static final double VANISHING = 1e-6;

  private static final Tensor PROBE = probe(5_000_000);

  private static Tensor probe(int count) {
    return Scope.compute(
        () ->
            Tensors.to(Tensors.of(FormulaWeights.values("probe", count, 0, 1), count), Dtype.F64));
  }

  @ParameterizedTest
  @EnumSource(Backbone.class)
  void parameterCountIsThePublishedOne(Backbone backbone) {
    try (DeepLabV3 model = DeepLabV3.random(backbone, CLASSES, 0)) {
      assertThat(model.parameterCount())
          .isEqualTo(backbone.vocParameters())
          .isEqualTo(fixture(backbone).get("parameters").asLong());
    }
    assertThat(Backbone.RESNET50.vocParameters()).isEqualTo(42_004_074);
    assertThat(Backbone.RESNET101.vocParameters()).isEqualTo(60_996_202);
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
        Arrays.stream(Tensors.shape(tensor))
            .mapToObj(Long::toString)
            .collect(Collectors.joining("x"));
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
    JsonNode expected = fixture(backbone).get("evaluation");
    int[] shape = shape(expected);
    try (DeepLabV3 model = formulaModel(backbone, Dtype.F32);
        NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor images = Tensors.of(input(shape), shape[0], 3, shape[2], shape[3]);
      DeepLabV3.Logits logits = model.forward(images, Mode.evaluation());
      assertSummary(logits.out(), expected);
      assertThat(logits.aux()).as("the auxiliary head rests in evaluation").isNull();
      assertThat(model.state().get("classifier.2.num_batches_tracked").item_long()).isZero();
    }
  }

  /** Losses, all gradients, all weights and all statistics, with dropout of the same draws. */
  @ParameterizedTest
  @EnumSource(Backbone.class)
  void stepsOfTrainingAreThoseOfTorchvision(Backbone backbone) {
    JsonNode training = fixture(backbone).get("training");
    JsonNode steps = training.get("steps");
    Optimization how = Recipe.of("competition").config(InitialWeights.RANDOM).optimization();
    PolySchedule schedule = new PolySchedule(how.learningRate(), how.warmup());
    Batch batch = batch(shape(training));
    try (DeepLabV3 model = formulaModel(backbone, Dtype.F64);
        StateDict velocities = new StateDict("optimizer")) {
      Map<String, Tensor> parameters = model.parameters();
      parameters.values().forEach(parameter -> parameter.requires_grad_(true));
      Optimizer.Update sgd = how.optimizer().bind(model, velocities, how);
      Optimizer.Update watched =
          (number, rate) -> {
            JsonNode expected = steps.get((int) number - 1).get("gradients");
            assertThat(expected.size()).isEqualTo(parameters.size());
            parameters.forEach((name, p) -> assertDigest(p.grad(), expected, name));
            sgd.apply(number, rate);
          };
      TrainingStep step = new TrainingStep(model, watched, 0.5, Precision.FP32);
      for (int i = 0; i < steps.size(); i++) {
        JsonNode expected = steps.get(i);
        try (SeededNoise noise = new SeededNoise(i)) {
          double rate = schedule.rate((double) i / steps.size());
          double loss = step.accumulate(batch, noise, i + 1, rate, 1);
          step.update().apply(i + 1, rate);
          assertThat(loss).isCloseTo(expected.get("loss").asDouble(), within(EXACT));
        }
        for (String name : model.state().names()) {
          if (name.endsWith(".num_batches_tracked")) {
            assertThat(model.state().get(name).item_long()).isEqualTo(i + 1);
          } else {
            assertDigest(model.state().get(name), expected.get("state"), name);
          }
        }
      }
    }
  }

  /** The norm, the product with a vector of the formula, and four elements far apart. */
  private static void assertDigest(Tensor tensor, JsonNode all, String name) {
    JsonNode expected = all.get(name);
    double norm = expected.get(0).asDouble();
    double tolerance = EXACT * Math.max(norm, VANISHING);
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor flat = tensor.reshape(-1);
      long count = flat.numel();
      assertThat(Ops.norm(flat)).as("norm of %s", name).isCloseTo(norm, within(tolerance));
      assertThat(flat.dot(PROBE.narrow(0, 0, count)).item_double())
          .as("product of %s", name)
          .isCloseTo(expected.get(1).asDouble(), within(tolerance));
      for (int k = 0; k < 4; k++) {
        assertThat(flat.narrow(0, k * count / 4, 1).item_double())
            .as("element %d of %s", k * count / 4, name)
            .isCloseTo(expected.get(2 + k).asDouble(), within(tolerance));
      }
    }
  }

  private static void assertSummary(Tensor logits, JsonNode expected) {
    int height = (int) logits.size(2);
    int width = (int) logits.size(3);
    float[] values = Tensors.floats(logits);
    double mean = expected.get("mean").asDouble();
    double tolerance = TOLERANCE * expected.get("largest").asDouble();
    assertThat(logits.mean().item_double()).isCloseTo(mean, within(tolerance));
    double squares = 0;
    for (float value : values) {
      squares += (value - mean) * (value - mean);
    }
    assertThat(Math.sqrt(squares / values.length))
        .isCloseTo(expected.get("std").asDouble(), within(tolerance));
    for (JsonNode pixel : expected.get("pixels")) {
      for (int label = 0; label < CLASSES; label++) {
        int channel = pixel.get("image").asInt() * CLASSES + label;
        int at = (channel * height + pixel.get("y").asInt()) * width + pixel.get("x").asInt();
        assertThat((double) values[at])
            .as("class %d at %s", label, pixel)
            .isCloseTo(pixel.get("logits").get(label).asDouble(), within(tolerance));
      }
    }
  }

  private static DeepLabV3 formulaModel(Backbone backbone, Dtype dtype) {
    try (DeepLabV3 model = DeepLabV3.random(backbone, CLASSES, 0)) {
      FormulaWeights.fill(model.state());
      return DeepLabV3.of(model.state().copy(dtype));
    }
  }

  private static int[] shape(JsonNode fixture) {
    int[] shape = new int[4];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = fixture.get("input").get(i).asInt();
    }
    return shape;
  }

  private static float[] input(int[] shape) {
    return FormulaWeights.values("input", Arrays.stream(shape).reduce(1, (a, b) -> a * b), 0, 2);
  }

  private static Batch batch(int[] shape) {
    long[] labels = FormulaWeights.labels(shape[0] * shape[2] * shape[3]);
    List<String> ids = IntStream.range(0, shape[0]).mapToObj(i -> "image " + i).toList();
    return new Batch(ids, input(shape), labels, shape[2], labels.length);
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
