package org.syntagen.dataset.scenes;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.SplitMix64;

class ArrangementTest {
  private static final int SIZE = 64;
  private static final ColorGrade PLAIN = new ColorGrade(1, 1, 1, 0, null);

  @Test
  void pictureAndMaskEqualThoseOfASlowTwin() {
    SplitMix64 random = new SplitMix64(11);
    for (int round = 0; round < 60; round++) {
      Ground ground = round % 2 == 0 ? new Ground(0.4, 0) : Ground.none();
      Arrangement arrangement =
          Arrangement.draw(actors(random, 1 + round % 4), ground, SIZE, 0.5, random);
      int[] pixels = new int[SIZE * SIZE];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (int) random.nextLong() & 0xFFFFFF;
      }
      int[] before = pixels.clone();
      byte[] labels = new byte[SIZE * SIZE];
      for (Arrangement.Place place : arrangement.places()) {
        PatchPainter.paint(pixels, labels, SIZE, place);
      }
      int[] visible = new int[arrangement.places().size()];
      for (int y = 0; y < SIZE; y++) {
        for (int x = 0; x < SIZE; x++) {
          int owner = owner(arrangement, x, y);
          int label = owner < 0 ? 0 : arrangement.places().get(owner).actor().cutout().label();
          assertThat(labels[y * SIZE + x]).isEqualTo((byte) label);
          if (owner >= 0) {
            visible[owner]++;
          }
          double green = green(arrangement, x, y, before[y * SIZE + x] >> 8 & 0xFF);
          int painted = pixels[y * SIZE + x] >> 8 & 0xFF;
          assertThat(Math.abs(painted - green)).isLessThan(2.5);
        }
      }
      for (int i = 0; i < visible.length; i++) {
        assertThat(arrangement.places().get(i).visible()).isEqualTo(visible[i]);
      }
    }
  }

  @Test
  void everyObjectShowsEnoughOfItself() {
    SplitMix64 random = new SplitMix64(5);
    for (int round = 0; round < 200; round++) {
      Arrangement arrangement =
          Arrangement.draw(actors(random, 4), new Ground(0.4, 0), SIZE, 0.3, random);
      assertThat(arrangement.places()).isNotEmpty();
      for (Arrangement.Place place : arrangement.places()) {
        assertThat((double) place.visible() / place.actor().patch().area())
            .isGreaterThanOrEqualTo(Arrangement.LEAST_VISIBLE);
        assertThat((double) place.visible())
            .isGreaterThanOrEqualTo(Arrangement.LEAST_OF_PICTURE * SIZE * SIZE);
      }
    }
  }

  @Test
  void onTheGroundTheNearerObjectIsInFront() {
    SplitMix64 random = new SplitMix64(6);
    for (int round = 0; round < 50; round++) {
      Arrangement arrangement =
          Arrangement.draw(actors(random, 3), new Ground(0.4, 0), SIZE, 0, random);
      List<Integer> feet = arrangement.places().stream().map(Arrangement.Place::bottom).toList();
      assertThat(feet).isSorted();
      assertThat(feet).allMatch(foot -> foot >= 0.4 * SIZE && foot <= SIZE);
    }
  }

  @Test
  void whatIsTooSmallToBeSeenIsLeftOut() {
    Patch speck = new Patch(2, 2, new int[] {-1, -1, -1, -1});
    Actor actor = new Actor(TinyLibrary.cutout(3), speck, Optional.empty());
    Arrangement arrangement =
        Arrangement.draw(List.of(actor), Ground.none(), SIZE, 0, new SplitMix64(1));
    assertThat(arrangement.places()).isEmpty();
  }

  private static List<Actor> actors(SplitMix64 random, int count) {
    List<Actor> actors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Color color = new Color((int) random.nextLong() & 0xFFFFFF);
      Patch patch =
          new CutoutPyramid(TinyLibrary.ellipse(40, 30, color))
              .render(random.between(0.4, 1.4), false, random.between(-0.5, 0.5), PLAIN);
      actors.add(new Actor(TinyLibrary.cutout(1 + i), patch, Optional.empty()));
    }
    return actors;
  }

  /** The frontmost place that covers a pixel, or -1. */
  private static int owner(Arrangement arrangement, int x, int y) {
    for (int i = arrangement.places().size() - 1; i >= 0; i--) {
      if (alpha(arrangement.places().get(i), x, y) >= 128) {
        return i;
      }
    }
    return -1;
  }

  private static double green(Arrangement arrangement, int x, int y, double under) {
    double green = under;
    for (Arrangement.Place place : arrangement.places()) {
      double alpha = alpha(place, x, y) / 255.0;
      if (alpha > 0) {
        int over = place.actor().patch().at(x - place.left(), y - place.top());
        green = alpha * (over >> 8 & 0xFF) + (1 - alpha) * green;
      }
    }
    return green;
  }

  private static int alpha(Arrangement.Place place, int x, int y) {
    Patch patch = place.actor().patch();
    int column = x - place.left();
    int row = y - place.top();
    boolean inside = column >= 0 && row >= 0 && column < patch.width() && row < patch.height();
    return inside ? patch.at(column, row) >>> 24 : 0;
  }
}
