package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.InputException;

class TrainingConfigTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0   | 0   | 8 | 0.01 | 0   | the iterations is 0; expected 1 to 10000000",
        "100 | -1  | 8 | 0.01 | 0   | the time budget is -1.0; expected 0 (none) or more seconds",
        "100 | NaN | 8 | 0.01 | 0   | the time budget is NaN; expected 0 (none) or more seconds",
        "100 | 0   | 1 | 0.01 | 0   | the batch size is 1; expected 2 to 1024",
        "100 | 0   | 8 | 0    | 0   | the learning rate is 0.0; expected more than 0, at most 100",
        "100 | 0   | 8 | NaN  | 0   | the learning rate is NaN; expected more than 0, at most 100",
        "100 | 0   | 8 | 0.01 | 0.6 | the warm-up is 0.6; expected a fraction of the run from 0 to 0.5",
      })
  void aValueOutOfRangeIsNamedWithItsRange(
      int iterations, double seconds, int batch, double rate, double warmup, String message) {
    assertThatThrownBy(
            () ->
                new TrainingConfig(
                    Backbone.RESNET50,
                    BackboneWeights.RANDOM,
                    iterations,
                    seconds,
                    batch,
                    Optimizer.SGD,
                    rate,
                    warmup,
                    new Augmentation(520, 480),
                    Precision.FP32,
                    0))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  @Test
  void theCompetitionsProtocolIsTenThousandIterationsOfEight() {
    assertThat(TrainingConfig.competition(7).toMap())
        .containsEntry("backbone", "resnet50")
        .containsEntry("iterations", 10_000)
        .containsEntry("batch_size", 8)
        .containsEntry("optimizer", "sgd")
        .containsEntry("learning_rate", 0.01)
        .containsEntry("base_size", 520)
        .containsEntry("crop_size", 480)
        .containsEntry("precision", "fp32")
        .containsEntry("seed", 7L);
  }

  @Test
  void backbonesAndPrecisionsAreFoundByName() {
    assertThat(Backbone.named("MobileNet-V3-Large")).isEqualTo(Backbone.MOBILENET_V3_LARGE);
    assertThat(Precision.named("BF16")).isEqualTo(Precision.BF16);
    assertThatThrownBy(() -> Backbone.named("vgg"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "there is no backbone \"vgg\"; choose one of resnet50, resnet101, mobilenet_v3_large");
    assertThat(Optimizer.named("AdamW")).isEqualTo(Optimizer.ADAMW);
    assertThatThrownBy(() -> Optimizer.named("lion"))
        .isInstanceOf(InputException.class)
        .hasMessage("there is no optimizer \"lion\"; choose sgd or adamw");
    assertThatThrownBy(() -> Precision.named("fp8")).isInstanceOf(InputException.class);
  }
}
