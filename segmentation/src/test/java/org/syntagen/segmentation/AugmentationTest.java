package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.InputException;

class AugmentationTest {
  private static final int DRAWS = 4000;

  @Test
  void aPlacementDependsOnSeedAndDrawOnly() {
    Augmentation augmentation = new Augmentation(128, 96);
    Placement later = augmentation.draw(3, 700, image(200, 150));
    augmentation.draw(3, 1, image(64, 64));
    assertThat(augmentation.draw(3, 700, image(200, 150))).isEqualTo(later);
    Set<Placement> others = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      others.add(augmentation.draw(4 + i, 700, image(200, 150)));
      others.add(augmentation.draw(3, 701 + i, image(200, 150)));
    }
    assertThat(others).hasSizeGreaterThan(35).doesNotContain(later);
  }

  @Test
  void theShorterSideIsHalfToTwiceTheBaseSizeAndHalfOfTheImagesAreMirrored() {
    Augmentation augmentation = new Augmentation(100, 80);
    int mirrored = 0;
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      Placement placement = augmentation.draw(1, draw, image(300, 150));
      assertThat(placement.width()).isEqualTo(2 * placement.height());
      least = Math.min(least, placement.height());
      most = Math.max(most, placement.height());
      mirrored += placement.mirrored() ? 1 : 0;
    }
    assertThat(least).isBetween(50, 51);
    assertThat(most).isBetween(199, 200);
    assertThat((double) mirrored / DRAWS).isCloseTo(0.5, within(0.03));
  }

  @Test
  void theCropReachesEveryPartOfTheImageAndLeavesItOnlyWhereItIsSmaller() {
    Augmentation augmentation = new Augmentation(100, 90);
    boolean leftmost = false;
    boolean rightmost = false;
    for (int draw = 0; draw < DRAWS; draw++) {
      Placement placement = augmentation.draw(2, draw, image(128, 128));
      int room = Math.max(0, placement.width() - 90);
      assertThat(placement.left()).isBetween(0, room);
      assertThat(placement.top()).isBetween(0, room);
      leftmost |= room > 5 && placement.left() == 0;
      rightmost |= room > 5 && placement.left() == room;
    }
    assertThat(leftmost).isTrue();
    assertThat(rightmost).isTrue();
  }

  @Test
  void cropsOfOneClassAreDrawnAnew() {
    LabeledImage image = image(128, 128);
    for (int p = 0; p < image.labels().length; p++) {
      image.labels()[p] = (byte) (p % 128 < 96 ? 0 : p % 128 < 112 ? 1 : 255);
    }
    Augmentation any = new Augmentation(128, 48, 1, 1, 1, 0);
    Augmentation mixed = new Augmentation(128, 48, 1, 1, 0.75, 0);
    int before = 0;
    int after = 0;
    for (int draw = 0; draw < 200; draw++) {
      Placement first = any.draw(3, draw, image);
      Placement found = mixed.draw(3, draw, image);
      before += oneSided(image, first) ? 1 : 0;
      after += oneSided(image, found) ? 1 : 0;
      if (!oneSided(image, first)) {
        assertThat(found).isEqualTo(first);
      }
    }
    assertThat(before).isGreaterThan(100);
    assertThat(after).as("ten tries do not always find one").isLessThan(40);
  }

  /** Whether three quarters of the known pixels or more are of one class. */
  private static boolean oneSided(LabeledImage image, Placement crop) {
    int[] counts = new int[256];
    for (int y = crop.top(); y < crop.top() + 48; y++) {
      for (int x = crop.left(); x < crop.left() + 48; x++) {
        int column = crop.mirrored() ? 127 - x : x;
        counts[image.labels()[y * 128 + column] & 255]++;
      }
    }
    return Math.max(counts[0], counts[1]) >= 0.75 * (counts[0] + counts[1]);
  }

  private static LabeledImage image(int width, int height) {
    return new LabeledImage(
        "image", width, height, new byte[3 * width * height], new byte[width * height]);
  }

  @Test
  void impossibleSizesAreRefused() {
    assertThatThrownBy(() -> new Augmentation(128, 1))
        .isInstanceOf(InputException.class)
        .hasMessage("the crop size is 1 pixels; expected 2 to 4096");
    assertThatThrownBy(() -> new Augmentation(5000, 128))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("base size is 5000");
  }
}
