package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;

class SkippingImagesTest {
  private static final List<LabeledImage> PICTURES = Pictures.squares(4, 32, 3, 1);

  /** Four images of which some cannot be read. */
  private static SkippingImages without(Integer... broken) {
    LabeledImages whole = LabeledImages.of(PICTURES);
    return new SkippingImages(
        new LabeledImages() {
          @Override
          public int size() {
            return whole.size();
          }

          @Override
          public String id(int position) {
            return whole.id(position);
          }

          @Override
          public LabeledImage load(int position) {
            if (Set.of(broken).contains(position)) {
              throw new InputException(id(position) + ".png is not an image");
            }
            return whole.load(position);
          }
        });
  }

  @Test
  void theNextReadableImageStandsInAndTheBrokenOneIsNamed() {
    SkippingImages images = without(1, 3);
    assertThat(images.load(0)).isSameAs(PICTURES.get(0));
    assertThat(images.skipped()).isEmpty();
    assertThat(images.load(1)).isSameAs(PICTURES.get(2));
    assertThat(images.load(3)).isSameAs(PICTURES.get(0));
    assertThat(images.load(1)).isSameAs(PICTURES.get(2));
    assertThat(images.skipped())
        .containsOnlyKeys("square-1", "square-3")
        .containsEntry("square-3", "square-3.png is not an image");
  }

  @Test
  void nothingReadableIsAnError() {
    assertThatThrownBy(() -> without(0, 1, 2, 3).load(2))
        .isInstanceOf(InputException.class)
        .hasMessage("square-2.png is not an image");
  }

  @Test
  void aRunGoesOnWithoutThem() {
    ClassSet classes = ClassSet.of(List.of("background", "red", "green"));
    TrainingConfig config = Configs.tiny("sgd", 2, 2, 1).config(InitialWeights.RANDOM);
    SkippingImages images = without(2);
    try (TrainingResult result = new Trainer(config, classes, images).train(progress -> {})) {
      assertThat(result.iterations()).isEqualTo(2);
      assertThat(images.skipped()).containsOnlyKeys("square-2");
    }
  }
}
