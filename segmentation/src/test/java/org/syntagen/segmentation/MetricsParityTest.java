package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares with what parity/segmentation/metrics.py recorded of scikit-learn and SciPy. */
class MetricsParityTest {
  private static final double TOLERANCE = 1e-9;
  private static final ClassSet CLASSES =
      ClassSet.of(List.of("background", "one", "two", "three", "four", "absent"));

  @Test
  void scoresOfRandomLabelMapsAreThoseOfScikitLearnAndSciPy() {
    JsonNode fixture =
        JsonMapper.builder().build().readTree(TorchvisionParityTest.resource("metrics.json"));
    ConfusionMatrix matrix = new ConfusionMatrix(CLASSES.size());
    BoundaryIou boundary = new BoundaryIou(CLASSES.size());
    for (JsonNode pair : fixture.get("maps")) {
      LabelMap truth = map(pair, "truth");
      LabelMap prediction = map(pair, "prediction");
      matrix.add(truth.labels(), prediction.labels());
      boundary.add(truth, prediction);
    }
    Metrics metrics = Metrics.of(matrix, CLASSES);
    for (int label = 0; label < CLASSES.size(); label++) {
      assertScore(metrics.classes().get(label).iou(), fixture.get("iou").get(label));
      assertScore(boundary.iou(label), fixture.get("boundary_iou").get(label));
      for (int other = 0; other < CLASSES.size(); other++) {
        assertThat(matrix.count(label, other))
            .isEqualTo(fixture.get("confusion").get(label).get(other).asLong());
      }
    }
    assertScore(OptionalDouble.of(metrics.meanIou()), fixture.get("mean_iou"));
    assertScore(
        OptionalDouble.of(metrics.frequencyWeightedIou()), fixture.get("frequency_weighted_iou"));
    assertScore(OptionalDouble.of(metrics.pixelAccuracy()), fixture.get("pixel_accuracy"));
    assertScore(OptionalDouble.of(metrics.meanAccuracy()), fixture.get("mean_accuracy"));
  }

  private static LabelMap map(JsonNode pair, String name) {
    byte[] labels = new byte[pair.get(name).size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (byte) pair.get(name).get(i).asInt();
    }
    return new LabelMap(pair.get("width").asInt(), pair.get("height").asInt(), labels);
  }

  private static void assertScore(OptionalDouble found, JsonNode expected) {
    assertThat(found.isEmpty()).isEqualTo(expected.isNull());
    found.ifPresent(value -> assertThat(value).isCloseTo(expected.asDouble(), within(TOLERANCE)));
  }
}
