package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;

class RefinementTest {
  /** One that hardly looks at the image. */
  private static final DenseCrf WEAK = new DenseCrf(1, 1, 0, 1, 1, 0);

  private static final BufferedImage IMAGE = new BufferedImage(4, 1, BufferedImage.TYPE_INT_RGB);

  @Test
  void theBackgroundCompetesAndTheUnsureIsVoid() {
    float[] scores = {0.9f, 0.1f, 0.52f, 0.1f, 0.1f, 0.1f, 0.1f, 0.9f};
    LabelMap labels =
        new Refinement(0.5, 0.1, 0.6, 1, WEAK)
            .label(new Scores(List.of(12, 9), scores, 4, 1), IMAGE);
    assertThat(labels.labels()).containsExactly(12, 0, ClassSet.VOID, 9);
  }

  @Test
  void theSurestOfAClassKeepItsLabelWhenTooManyAreUnsure() {
    Scores scores = new Scores(List.of(12), new float[] {0.9f, 0.51f, 0.53f, 0.52f}, 4, 1);
    LabelMap labels = new Refinement(0.5, 0.1, 0.6, 0.5, WEAK).label(scores, IMAGE);
    assertThat(labels.labels()).containsExactly(12, ClassSet.VOID, 12, ClassSet.VOID);
    LabelMap uncapped = new Refinement(0.5, 0.1, 0.6, 1, WEAK).label(scores, IMAGE);
    assertThat(uncapped.labels()).containsExactly(12, ClassSet.VOID, ClassSet.VOID, ClassSet.VOID);
  }

  @Test
  void withoutClassesAllIsBackground() {
    LabelMap labels =
        new Refinement(0.5, 0.1, 0.6, 1, WEAK)
            .label(new Scores(List.of(), new float[0], 4, 1), IMAGE);
    assertThat(labels.labels()).containsOnly(0);
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new Refinement(1, 0.1, 0.6, 1, WEAK))
        .hasMessageContaining("background");
    assertThatThrownBy(() -> new Refinement(0.5, 0, 0.6, 1, WEAK))
        .hasMessageContaining("temperature");
    assertThatThrownBy(() -> new Refinement(0.5, 0.1, 1, 1, WEAK))
        .hasMessageContaining("confidence");
    assertThatThrownBy(() -> new Refinement(0.5, 0.1, 0.6, 1.1, WEAK))
        .hasMessageContaining("share");
  }
}
