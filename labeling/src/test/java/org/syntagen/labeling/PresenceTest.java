package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;

class PresenceTest {
  private static final DenoisingContrast CONTRAST =
      new DenoisingContrast(new DenoisingContrast.Parameters(List.of(300L), 0.1, 1), ClassSet.VOC);

  @Test
  void theClassesWithEnoughEvidenceAreThere() {
    StableDiffusion model = TinyModel.random();
    Prompt prompt = new Prompt(0, "x", List.of(3, 8, 12), 4);
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(3)) {
      Tensor latent = noise.normal(1, 4, 16, 16);
      double[] evidence = CONTRAST.evidence(model, prompt, latent);
      double most = Math.max(evidence[0], Math.max(evidence[1], evidence[2]));
      assertThat(most).isPositive();
      Prompt leading = new Presence(CONTRAST, most).among(model, prompt, latent);
      assertThat(leading.labels()).hasSize(1);
      int label = leading.labels().get(0);
      assertThat(evidence[prompt.labels().indexOf(label)]).isEqualTo(most);
      assertThat(leading.caption())
          .isEqualTo("a photo of " + ClassSet.withArticle(ClassSet.VOC.words(label)));
      Prompt none = new Presence(CONTRAST, 2 * most).among(model, prompt, latent);
      assertThat(none.labels()).isEmpty();
      assertThat(none.caption()).isEqualTo("x");
    }
  }

  @Test
  void noEvidenceIsNoThreshold() {
    assertThatThrownBy(() -> new Presence(CONTRAST, 0)).hasMessageContaining("evidence");
  }
}
