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
        "iterations    | 0    | the iterations is 0; expected 1 to 10000000",
        "seconds       | -1   | the time budget is -1.0; expected 0 (none) or more seconds",
        "seconds       | .nan | the time budget is NaN; expected 0 (none) or more seconds",
        "batch_size    | 1    | the batch size is 1; expected 2 to 1024",
        "learning_rate | 0    | the learning rate is 0.0; expected more than 0, at most 100",
        "learning_rate | .nan | the learning rate is NaN; expected more than 0, at most 100",
        "warmup        | 0.6  | the warm-up is 0.6; expected a fraction of the run from 0 to 0.5",
        "weight_decay  | -0.1 | the weight decay is -0.1; expected 0 to 1",
        "gradient_norm | -1   | the gradient norm is -1.0; expected 0 (as they are) or more",
        "accumulation  | 0    | the accumulation is 0; expected 1 to 1024",
        "average_decay | 1    | the average decay is 1.0; expected 0 (none) to less than 1",
        "shares        | [2, 0] | the share is 0; expected 1 to 1000",
        "cat_max_ratio | 0    | the largest share of one class is 0.0; expected more than 0, at most 1",
        "auxiliary_loss| 11   | the auxiliary loss is 11.0; expected 0 to 10",
      })
  void aValueOutOfRangeIsNamedWithItsRange(String key, String value, String message) {
    Recipe recipe = Recipe.of("competition").with(key, value);
    assertThatThrownBy(() -> recipe.config(InitialWeights.RANDOM))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
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
