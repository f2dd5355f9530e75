package org.syntagen.dataset.scenes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.syntagen.dataset.SplitMix64;

/**
 * Where the objects of a scene stand, from the back to the front, and how much of each stays
 * visible.
 *
 * @param places the objects in paint order
 */
record Arrangement(List<Place> places) {
  /** The least share of its own area that an object must show. */
  static final double LEAST_VISIBLE = 0.35;

  /** The least share of the picture that an object must fill. */
  static final double LEAST_OF_PICTURE = 0.003;

  private static final int ATTEMPTS = 16;

  /**
   * One object in its place.
   *
   * @param actor the object
   * @param left the column of its patch's left edge, negative where the border cuts it
   * @param top the row of its patch's upper edge
   * @param visible how many pixels of the mask it owns
   */
  record Place(Actor actor, int left, int top, int visible) {
    int bottom() {
      return top + actor.patch().height();
    }
  }

  Arrangement {
    places = List.copyOf(places);
  }

  /**
   * Places as many of the actors as stay visible: up to 16 arrangements are tried, then the most
   * hidden one leaves.
   *
   * @param truncationChance how often the border cuts an object
   * @return an arrangement in which every object is visible enough; it may be empty
   */
  static Arrangement draw(
      List<Actor> actors, Ground ground, int size, double truncationChance, SplitMix64 random) {
    List<Actor> waiting = new ArrayList<>(actors);
    while (!waiting.isEmpty()) {
      Arrangement last = null;
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        last = once(waiting, ground, size, truncationChance, random);
        if (last.places.stream().allMatch(place -> showsEnough(place, size))) {
          return last;
        }
      }
      Place mostHidden =
          last.places.stream().min(Comparator.comparingDouble(Arrangement::shown)).orElseThrow();
      waiting.remove(mostHidden.actor);
    }
    return new Arrangement(List.of());
  }

  private static boolean showsEnough(Place place, int size) {
    return shown(place) >= LEAST_VISIBLE
        && place.visible >= LEAST_OF_PICTURE * size * size
        && place.visible > 0;
  }

  private static double shown(Place place) {
    return (double) place.visible / Math.max(1, place.actor.patch().area());
  }

  private static Arrangement once(
      List<Actor> actors, Ground ground, int size, double truncationChance, SplitMix64 random) {
    int count = actors.size();
    int[] slots = permutation(count, random);
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Patch patch = actors.get(i).patch();
      double jitter = random.between(-0.5, 0.5) * (count == 1 ? 1 : 0.8);
      double centre = (slots[i] + 0.5 + jitter) / count * size;
      int left = within((int) Math.round(centre - patch.width() / 2.0), size - patch.width());
      int top = top(patch, ground, size, random);
      boolean cut = random.chance(truncationChance);
      double hidden = random.between(0.1, 0.3);
      int side = random.nextInt(ground.exists() ? 2 : 4);
      if (cut) {
        switch (side) {
          case 0 -> left = (int) -Math.round(hidden * patch.width());
          case 1 -> left = size - patch.width() + (int) Math.round(hidden * patch.width());
          case 2 -> top = (int) -Math.round(hidden * patch.height());
          default -> top = size - patch.height() + (int) Math.round(hidden * patch.height());
        }
      }
      places.add(new Place(actors.get(i), left, top, 0));
    }
    if (ground.exists()) {
      // What stands lower in the picture is nearer.
      places.sort(Comparator.comparingInt(Place::bottom));
    }
    return new Arrangement(measured(places, size));
  }

  private static int top(Patch patch, Ground ground, int size, SplitMix64 random) {
    if (!ground.exists()) {
      return within(
          (int) Math.round(random.nextDouble() * (size - patch.height())), size - patch.height());
    }
    double nearest = 0.985 * size;
    double farthest = Math.max((ground.horizon() + 0.06) * size, patch.height() + 0.01 * size);
    double foot = farthest >= nearest ? nearest : random.between(farthest, nearest);
    return (int) Math.round(foot) - patch.height();
  }

  /** The value moved into 0 to {@code room}, or to the middle where there is no room. */
  private static int within(int value, int room) {
    return room < 0 ? room / 2 : Math.max(0, Math.min(room, value));
  }

  private static int[] permutation(int count, SplitMix64 random) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** The places with their visible areas, by painting owners' numbers in order. */
  private static List<Place> measured(List<Place> places, int size) {
    int[] owner = new int[size * size]; // (size, size), -1 is the background
    Arrays.fill(owner, -1);
    for (int i = 0; i < places.size(); i++) {
      Place place = places.get(i);
      Patch patch = place.actor.patch();
      for (int y = Math.max(0, -place.top); y < Math.min(patch.height(), size - place.top); y++) {
        int row = (place.top + y) * size + place.left;
        for (int x = Math.max(0, -place.left);
            x < Math.min(patch.width(), size - place.left);
            x++) {
          if (patch.covers(x, y)) {
            owner[row + x] = i;
          }
        }
      }
    }
    int[] visible = new int[places.size()];
    for (int index : owner) {
      if (index >= 0) {
        visible[index]++;
      }
    }
    List<Place> measured = new ArrayList<>();
    for (int i = 0; i < visible.length; i++) {
      Place place = places.get(i);
      measured.add(new Place(place.actor, place.left, place.top, visible[i]));
    }
    return measured;
  }
}
