package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.InputException;

class BatchesTest {
  private static final Augmentation AUGMENTATION = new Augmentation(16, 12);

  private static Prefetch<Batch> ahead(
      LabeledImages images, Augmentation augmentation, int batchSize, long seed, long first) {
    return new Prefetch<>(
        new Batches(new Mixture(List.of(images), List.of(1), seed), augmentation, batchSize, seed)
            ::batch,
        first,
        Long.MAX_VALUE);
  }

  @Test
  void everyRoundShowsEverySampleOnceInAnotherOrder() {
    LabeledImages images = LabeledImages.of(Pictures.squares(10, 16, 3, 1));
    List<String> ids = new ArrayList<>();
    try (Prefetch<Batch> loader = ahead(images, AUGMENTATION, 4, 9, 0)) {
      for (int i = 0; i < 5; i++) {
        ids.addAll(loader.next().ids());
      }
    }
    List<String> first = ids.subList(0, 10);
    List<String> second = ids.subList(10, 20);
    assertThat(first).doesNotHaveDuplicates();
    assertThat(second).containsExactlyInAnyOrderElementsOf(first).isNotEqualTo(first);
  }

  @Test
  void aLaterStartContinuesTheSameBatches() {
    LabeledImages images = LabeledImages.of(Pictures.squares(5, 16, 3, 1));
    try (Prefetch<Batch> whole = ahead(images, AUGMENTATION, 3, 9, 0);
        Prefetch<Batch> resumed = ahead(images, AUGMENTATION, 3, 9, 6)) {
      for (int i = 0; i < 6; i++) {
        whole.next();
      }
      for (int i = 0; i < 4; i++) {
        Batch expected = whole.next();
        Batch found = resumed.next();
        assertThat(found.ids()).isEqualTo(expected.ids());
        assertThat(found.colors()).isEqualTo(expected.colors());
        assertThat(found.labels()).isEqualTo(expected.labels());
      }
    }
  }

  @Test
  void anotherSeedShowsOtherCrops() {
    LabeledImages images = LabeledImages.of(Pictures.squares(4, 16, 3, 1));
    try (Prefetch<Batch> one = ahead(images, AUGMENTATION, 4, 1, 0);
        Prefetch<Batch> two = ahead(images, AUGMENTATION, 4, 2, 0)) {
      assertThat(one.next().colors()).isNotEqualTo(two.next().colors());
    }
  }

  @Test
  void aBrokenSampleIsReportedWithItsOwnMessage() {
    LabeledImages broken =
        new LabeledImages() {
          @Override
          public int size() {
            return 2;
          }

          @Override
          public String id(int position) {
            return "broken-" + position;
          }

          @Override
          public LabeledImage load(int position) {
            throw new InputException("image/000001.png cannot be read");
          }
        };
    try (Prefetch<Batch> loader = ahead(broken, AUGMENTATION, 2, 1, 0)) {
      assertThatThrownBy(loader::next)
          .isInstanceOf(InputException.class)
          .hasMessage("image/000001.png cannot be read");
    }
  }

  @Test
  void imagesBeyondTheMemoryLimitAreReadAgainAndStayTheSame() {
    List<LabeledImage> pictures = Pictures.squares(3, 8, 3, 1);
    int[] reads = new int[3];
    LabeledImages counting =
        new LabeledImages() {
          @Override
          public int size() {
            return 3;
          }

          @Override
          public String id(int position) {
            return pictures.get(position).id();
          }

          @Override
          public LabeledImage load(int position) {
            reads[position]++;
            return pictures.get(position);
          }
        };
    CachedImages cached = new CachedImages(counting, 2 * pictures.get(0).bytes());
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 3; i++) {
        assertThat(cached.load(i)).isSameAs(pictures.get(i));
      }
    }
    assertThat(reads).containsExactly(1, 1, 3);
  }
}
