package org.syntagen.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.InputException;

class MixtureTest {
  private static final LabeledImages LARGE = images("large", 5);
  private static final LabeledImages SMALL = images("small", 2);

  private static LabeledImages images(String name, int count) {
    return LabeledImages.of(
        IntStream.range(0, count)
            .mapToObj(i -> new LabeledImage(name + i, 1, 1, new byte[3], new byte[1]))
            .toList());
  }

  private static List<String> ids(Mixture mixture, int from, int to) {
    return IntStream.range(from, to).mapToObj(draw -> mixture.load(draw).id()).toList();
  }

  @Test
  void everyBlockHoldsTheSharesInAnotherOrder() {
    Mixture mixture = new Mixture(List.of(LARGE, SMALL), List.of(1, 3), 7);
    List<Integer> places = new ArrayList<>();
    for (int block = 0; block < 50; block++) {
      List<String> ids = ids(mixture, 4 * block, 4 * block + 4);
      assertThat(ids.stream().filter(id -> id.startsWith("large"))).hasSize(1);
      places.add(IntStream.range(0, 4).filter(i -> ids.get(i).startsWith("large")).sum());
    }
    assertThat(places).contains(0, 1, 2, 3);
  }

  @Test
  void withinASetEveryRoundShowsEverySampleOnce() {
    List<String> ids = ids(new Mixture(List.of(LARGE, SMALL), List.of(1, 3), 7), 0, 80);
    List<String> large = ids.stream().filter(id -> id.startsWith("large")).toList();
    assertThat(large).hasSize(20);
    for (int round = 0; round < 4; round++) {
      assertThat(new HashSet<>(large.subList(5 * round, 5 * round + 5))).hasSize(5);
    }
  }

  @Test
  void oneSetIsShownAsItsShuffleOrders() {
    Shuffle shuffle = new Shuffle(5, 9);
    assertThat(ids(new Mixture(List.of(LARGE), List.of(1), 9), 0, 12))
        .isEqualTo(IntStream.range(0, 12).mapToObj(i -> LARGE.id(shuffle.position(i))).toList());
  }

  @Test
  void joinedSetsFollowEachOther() {
    LabeledImages joined = LabeledImages.joined(List.of(LARGE, SMALL));
    assertThat(IntStream.range(0, joined.size()).mapToObj(joined::id))
        .containsExactly("large0", "large1", "large2", "large3", "large4", "small0", "small1");
    assertThat(joined.load(6)).isSameAs(SMALL.load(1));
  }

  @Test
  void everySetNeedsAShare() {
    assertThatThrownBy(() -> new Mixture(List.of(LARGE, SMALL), List.of(1), 7))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "there are 2 datasets and 1 shares; give one share a dataset, e.g. shares=[3,1]");
  }
}
