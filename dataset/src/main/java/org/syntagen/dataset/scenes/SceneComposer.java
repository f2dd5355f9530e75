package org.syntagen.dataset.scenes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.SampleSeed;
import org.syntagen.dataset.SplitMix64;

/**
 * Composes captioned scenes with exact masks from cut-outs on procedural backgrounds.
 *
 * <p>A scene is a pure function of (seed, index, options, library). Background, objects and their
 * places are drawn from separate streams of random numbers and independently of each other: every
 * class appears equally often on every background and beside every other class, so that a label can
 * be learned from the object alone.
 *
 * <p>The mask is exact by construction: objects are painted from back to front, and each gives its
 * label to the pixels where its own alpha is at least one half.
 *
 * <p>Thread-safe; one composer may serve many threads.
 */
public final class SceneComposer {
  /** Changes whenever equal seeds and options would give other scenes than before. */
  public static final int VERSION = 1;

  private static final int SETTING_STREAM = 1;
  private static final int OBJECT_STREAM = 2;
  private static final int PLACE_STREAM = 3;
  private static final int CAPTION_STREAM = 4;
  private static final int STREAMS = 16;
  private static final int ATTEMPTS = 32;

  private final CutoutLibrary library;
  private final SceneOptions options;
  private final List<List<Cutout>> cutouts = new ArrayList<>(); // one list a class
  private final Map<Cutout, CutoutPyramid> pyramids = new HashMap<>();

  /**
   * A composer that shows the classes of the library.
   *
   * @throws InputException if the library has no cut-out of the options' split for one of its
   *     classes
   */
  public SceneComposer(CutoutLibrary library, SceneOptions options) {
    this.library = library;
    this.options = options;
    for (int label : library.labels()) {
      List<Cutout> ofClass = library.of(label, options.split());
      if (ofClass.isEmpty()) {
        throw new InputException(
            "the cut-out library has no picture of class %s in the split %s; add one to %s"
                .formatted(
                    library.classes().name(label), options.split().text(), LicenceTable.FILE));
      }
      int limit = options.cutoutsPerClass() == 0 ? ofClass.size() : options.cutoutsPerClass();
      List<Cutout> used = ofClass.subList(0, Math.min(limit, ofClass.size()));
      cutouts.add(used);
      used.forEach(cutout -> pyramids.put(cutout, new CutoutPyramid(cutout.image())));
    }
  }

  /** The cut-outs that this composer draws from. */
  public CutoutLibrary library() {
    return library;
  }

  /** What this composer varies and by how much. */
  public SceneOptions options() {
    return options;
  }

  /**
   * Composes one scene.
   *
   * @param seed the dataset's seed
   * @param index the scene's number in the dataset, 0 or more
   */
  public Scene compose(long seed, int index) {
    return compose(SampleSeed.of(seed, index));
  }

  /** Composes the scene of a sample's own seed; see {@link SampleSeed}. */
  public Scene compose(long sampleSeed) {
    SplitMix64 settingRandom = stream(sampleSeed, SETTING_STREAM);
    SplitMix64 objectRandom = stream(sampleSeed, OBJECT_STREAM);
    SplitMix64 placeRandom = stream(sampleSeed, PLACE_STREAM);
    SplitMix64 captionRandom = stream(sampleSeed, CAPTION_STREAM);
    Setting[] settings = Setting.values();
    Setting setting = settings[settingRandom.nextInt(settings.length)];
    int size = options.size();
    try (Canvas canvas = new Canvas(size)) {
      Ground ground = setting.paint(canvas, settingRandom);
      Arrangement arrangement = arrange(ground, objectRandom, placeRandom);
      byte[] labels = new byte[size * size];
      List<SceneObject> objects = new ArrayList<>();
      for (Arrangement.Place place : arrangement.places()) {
        Actor actor = place.actor();
        ContactShadow.paint(canvas, place, ground.shadow());
        PatchPainter.paint(canvas.pixels(), labels, size, place);
        Cutout cutout = actor.cutout();
        objects.add(new SceneObject(cutout.label(), cutout.file(), actor.tint(), place.visible()));
      }
      String caption = Caption.of(library.classes(), objects, setting, captionRandom);
      LabelMap mask = new LabelMap(size, size, labels);
      return new Scene(canvas.image(), mask, caption, setting, objects, sampleSeed);
    }
  }

  /** A stream of numbers; the splits use different ones, so that they share no composition. */
  private SplitMix64 stream(long sampleSeed, int stream) {
    return new SplitMix64(sampleSeed).split(stream + STREAMS * options.split().ordinal());
  }

  private Arrangement arrange(Ground ground, SplitMix64 objects, SplitMix64 places) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Arrangement arrangement =
          Arrangement.draw(
              cast(objects), ground, options.size(), options.truncationChance(), places);
      if (!arrangement.places().isEmpty()) {
        return arrangement;
      }
    }
    throw new InputException(
        "no object stays visible at size %d with sizes %s; make the objects larger"
            .formatted(options.size(), options.objectSizes()));
  }

  /** Draws the objects of a scene: classes, cut-outs, sizes and looks. */
  private List<Actor> cast(SplitMix64 random) {
    int count = 1 + weighted(options.objectCountWeights(), random);
    List<Integer> classes = new ArrayList<>();
    for (int i = 0; i < cutouts.size(); i++) {
      classes.add(i);
    }
    count = Math.min(count, classes.size());
    boolean twins = random.chance(options.twinChance()) && count > 1;
    List<Actor> actors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean twin = twins && i < 2;
      int chosen =
          twin && i == 1
              ? cutouts.indexOf(ofLabel(actors.get(0).cutout().label()))
              : classes.remove(random.nextInt(classes.size()));
      actors.add(actor(cutouts.get(chosen), count, twin, random));
    }
    return actors;
  }

  private List<Cutout> ofLabel(int label) {
    return cutouts.stream().filter(list -> list.get(0).label() == label).findFirst().orElseThrow();
  }

  private Actor actor(List<Cutout> ofClass, int count, boolean twin, SplitMix64 random) {
    Cutout cutout = ofClass.get(random.nextInt(ofClass.size()));
    CutoutPyramid pyramid = pyramids.get(cutout);
    SceneOptions.SizeRange sizes = options.objectSizes().get(count - 1);
    double side = random.between(sizes.least(), sizes.most()) * options.size();
    double scale = side / Math.max(pyramid.width(), pyramid.height());
    boolean mirrored = random.chance(0.5);
    double radians =
        StrictMath.toRadians(random.between(-options.mostRotation(), options.mostRotation()));
    ColorGrade grade = ColorGrade.draw(random, twin ? 0 : options.tintChance());
    Patch patch = pyramid.render(scale, mirrored, radians, grade);
    return new Actor(cutout, patch, Optional.ofNullable(grade.tint()));
  }

  private static int weighted(List<Double> weights, SplitMix64 random) {
    double total = 0;
    for (double weight : weights) {
      total += weight;
    }
    double at = random.nextDouble() * total;
    for (int i = 0; i < weights.size(); i++) {
      at -= weights.get(i);
      if (at < 0) {
        return i;
      }
    }
    return weights.size() - 1;
  }
}
