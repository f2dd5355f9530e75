package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.dataset.InputException;

class RecipeTest {
  @TempDir private Path folder;

  private static Map<String, Object> values(String nameOrFile) {
    return Recipe.of(nameOrFile).config(InitialWeights.RANDOM).toMap();
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("mine.yaml"), yaml);
  }

  @Test
  void theCompetitionsProtocolIsTorchvisionsRecipeForTenThousandIterationsOfEight() {
    assertThat(values("competition"))
        .containsExactly(
            Map.entry("backbone", "resnet50"),
            Map.entry("initial_weights", "random"),
            Map.entry("mask_trained_start", false),
            Map.entry("iterations", 10_000),
            Map.entry("seconds", 0.0),
            Map.entry("batch_size", 8),
            Map.entry("accumulation", 1),
            Map.entry("average_decay", 0.0),
            Map.entry("shares", List.of()),
            Map.entry("optimizer", "sgd"),
            Map.entry("learning_rate", 0.01),
            Map.entry("warmup", 0.0),
            Map.entry("weight_decay", 1e-4),
            Map.entry("backbone_rate", 1.0),
            Map.entry("auxiliary_rate", 10.0),
            Map.entry("gradient_norm", 0.0),
            Map.entry("auxiliary_loss", 0.5),
            Map.entry("base_size", 520),
            Map.entry("crop_size", 480),
            Map.entry("least_scale", 0.5),
            Map.entry("most_scale", 2.0),
            Map.entry("cat_max_ratio", 1.0),
            Map.entry("color_jitter", 0.0),
            Map.entry("precision", "fp32"),
            Map.entry("seed", 1L));
  }

  @Test
  void bundledRecipesAreReadByName() {
    assertThat(values("mmseg"))
        .containsEntry("optimizer", "adamw")
        .containsEntry("gradient_norm", 0.01)
        .containsEntry("backbone_rate", 0.1)
        .containsEntry("cat_max_ratio", 0.75)
        .containsEntry("batch_size", 8);
    assertThat(values("quick")).containsEntry("backbone", "mobilenet_v3_large");
  }

  @Test
  void whatAFileLeavesOutIsAsInTheCompetition() throws IOException {
    Map<String, Object> mine = values(file("# mine\niterations: 7\nseed: -3\n").toString());
    Map<String, Object> expected = values("competition");
    expected.put("iterations", 7);
    expected.put("seed", -3L);
    assertThat(mine).isEqualTo(expected);
  }

  @Test
  void aRecipeIsNotChangedByOverridingIt() {
    Recipe recipe = Recipe.of("quick");
    Recipe longer = recipe.with("iterations", "5000");
    assertThat(longer.config(InitialWeights.RANDOM).iterations()).isEqualTo(5000);
    assertThat(recipe.config(InitialWeights.RANDOM).iterations()).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "momentum: 0.9       | : there is no key \"momentum\"; expected one of backbone, mask_trained",
        "iterations: many    | : iterations is \"many\"; expected a whole number",
        "iterations: 1.5     | : iterations is 1.5; expected a whole number",
        "iterations: 1e12    | : iterations is ",
        "learning_rate: fast | : learning_rate is \"fast\"; expected a number",
        "learning_rate:      | : learning_rate is null; expected a number",
        "mask_trained_start: 1 | : mask_trained_start is 1; expected true or false",
        "backbone: [a, b]    | : backbone is [\"a\",\"b\"]; expected a name",
        "shares: 3           | : shares is 3; expected a list of whole numbers",
        "shares: [1, x]      | : shares is [1,\"x\"]; expected a list of whole numbers",
        "seed: 99999999999999999999 | : seed is 99999999999999999999; expected a whole number",
        "just words          | is no recipe; expected lines",
        "a: b: c             | is no YAML",
      })
  void whatIsWrongIsNamedWithItsFile(String yaml, String message) throws IOException {
    Path file = file(yaml);
    assertThatThrownBy(() -> values(file.toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void aKeyThatIsThereTwiceIsRefused() throws IOException {
    Path file = file("iterations: 1\niterations: 2\n");
    assertThatThrownBy(() -> values(file.toString()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("iterations");
  }

  @Test
  void aRecipeThatIsNotThereIsAnsweredWithThoseThatAre() {
    assertThatThrownBy(() -> Recipe.of("quik"))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "there is no recipe \"quik\"; choose one of competition, mmseg, quick, or a file");
  }
}
