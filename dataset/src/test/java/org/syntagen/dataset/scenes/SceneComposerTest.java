package org.syntagen.dataset.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SampleSeed;

class SceneComposerTest {
  private static final CutoutLibrary BUNDLED =
      CutoutLibrary.read(Path.of("..", "assets", "cutouts"));

  private final SceneComposer composer = new SceneComposer(BUNDLED, SceneOptions.defaults());

  @Test
  void theSameSeedGivesTheSameSceneInAnyOrderOnAnyThread() {
    List<String> forwards = IntStream.range(0, 24).mapToObj(i -> hash(composer, 7, i)).toList();
    SceneComposer other = new SceneComposer(BUNDLED, SceneOptions.defaults());
    List<String> inParallel =
        IntStream.range(0, 24).parallel().mapToObj(i -> hash(other, 7, 23 - i)).toList();
    for (int i = 0; i < 24; i++) {
      assertThat(inParallel.get(23 - i)).isEqualTo(forwards.get(i));
    }
    assertThat(new HashSet<>(forwards)).hasSize(24);
  }

  @Test
  void anotherSeedGivesOtherScenes() {
    for (int i = 0; i < 10; i++) {
      assertThat(hash(composer, 8, i)).isNotEqualTo(hash(composer, 7, i));
    }
  }

  @Test
  void aSceneIsAFunctionOfItsSampleSeed() {
    Scene scene = composer.compose(7, 3);
    assertThat(scene.seed()).isEqualTo(SampleSeed.of(7, 3));
    assertThat(hash(composer.compose(scene.seed()))).isEqualTo(hash(scene));
  }

  @Test
  void scenesKeepTheirBytesFromReleaseToRelease() {
    // Written down once; if a change is meant, raise SceneComposer.VERSION with it. Of the held-out
    // cut-outs, which stay the same when the library grows.
    SceneComposer heldOut =
        new SceneComposer(BUNDLED, SceneOptions.defaults().withSplit(Split.TEST));
    StringBuilder hashes = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      hashes.append(hash(heldOut, 1, i));
    }
    assertThat(SceneComposer.VERSION).isEqualTo(1);
    assertThat(Fingerprint.ofText(hashes.toString()))
        .isEqualTo("59c7fde0ee662b79474db6ba39368409cf255bf8859e8acd0b692cd1f16418c1");
  }

  @ParameterizedTest
  @EnumSource(Split.class)
  void theCaptionNamesExactlyTheClassesOfTheMask(Split split) {
    SceneComposer ofSplit =
        new SceneComposer(BUNDLED, SceneOptions.defaults().withSplit(split).withSize(64));
    for (int i = 0; i < 400; i++) {
      Scene scene = ofSplit.compose(3, i);
      assertThat(named(scene.caption())).as(scene.caption()).isEqualTo(labelsOf(scene));
      assertThat(scene.labels()).isEqualTo(labelsOf(scene));
    }
  }

  @Test
  void theObjectsSayWhatTheMaskHolds() {
    for (int i = 0; i < 100; i++) {
      Scene scene = composer.compose(4, i);
      long[] counted = new long[256];
      scene.objects().forEach(object -> counted[object.label()] += object.visibleArea());
      counted[0] = 128 * 128 - Arrays.stream(counted).sum();
      assertThat(scene.mask().histogram()).isEqualTo(counted);
    }
  }

  @Test
  void tintsOfTheCaptionAreThoseOfTheObjects() {
    SceneOptions options = SceneOptions.defaults();
    int tinted = 0;
    for (int i = 0; i < 300; i++) {
      Scene scene = composer.compose(9, i);
      for (SceneObject object : scene.objects()) {
        if (object.tint().isPresent()) {
          tinted++;
          String words = ClassSet.VOC.words(object.label());
          assertThat(scene.caption()).contains(object.tint().get().word() + " " + words);
        }
      }
    }
    assertThat(options.tintChance()).isPositive();
    assertThat(tinted).isBetween(30, 150);
  }

  @Test
  void theVocabularyIsSmallAndEveryClassAppearsOnEveryBackground() {
    SceneComposer small = new SceneComposer(BUNDLED, SceneOptions.defaults().withSize(32));
    Set<String> words = new TreeSet<>();
    Map<Setting, long[]> counts = new EnumMap<>(Setting.class);
    for (int i = 0; i < 3000; i++) {
      Scene scene = small.compose(2, i);
      words.addAll(Arrays.asList(scene.caption().split("[ ,]+")));
      long[] ofSetting = counts.computeIfAbsent(scene.setting(), setting -> new long[21]);
      scene.labels().forEach(label -> ofSetting[label]++);
    }
    assertThat(words.size()).as("%s", words).isLessThanOrEqualTo(70);
    assertThat(words).allMatch(word -> word.matches("[a-z]+"));
    // About 22 of each are expected; four standard deviations are no accident.
    assertThat(counts).hasSize(Setting.values().length);
    counts.forEach(
        (setting, ofSetting) ->
            IntStream.rangeClosed(1, 20)
                .forEach(
                    label ->
                        assertThat(ofSetting[label])
                            .as("%s %s", setting, ClassSet.VOC.name(label))
                            .isBetween(4L, 45L)));
  }

  @Test
  void trainingAndTestScenesShareNeitherCutoutsNorCompositions() {
    SceneComposer test = new SceneComposer(BUNDLED, SceneOptions.defaults().withSplit(Split.TEST));
    Set<String> trained = new HashSet<>();
    Set<String> tested = new HashSet<>();
    int sameSetting = 0;
    for (int i = 0; i < 300; i++) {
      Scene a = composer.compose(5, i);
      Scene b = test.compose(5, i);
      a.objects().forEach(object -> trained.add(object.cutout()));
      b.objects().forEach(object -> tested.add(object.cutout()));
      sameSetting += a.setting() == b.setting() ? 1 : 0;
    }
    assertThat(trained).doesNotContainAnyElementsOf(tested);
    assertThat(tested).hasSize(20);
    assertThat(sameSetting).as("no more than chance").isLessThan(60);
  }

  @Test
  void easyScenesShowFewLargeUntintedObjectsOfTwoCutouts() {
    SceneComposer easy = new SceneComposer(BUNDLED, SceneOptions.easy());
    Set<String> used = new HashSet<>();
    int single = 0;
    int large = 0;
    for (int i = 0; i < 300; i++) {
      Scene scene = easy.compose(1, i);
      assertThat(scene.objects()).hasSizeBetween(1, 3);
      for (SceneObject object : scene.objects()) {
        assertThat(object.tint()).isEmpty();
        used.add(object.cutout());
      }
      if (scene.objects().size() == 1) {
        single++;
        large += longerSide(scene) >= 80 ? 1 : 0;
      }
    }
    assertThat(used).hasSize(40);
    assertThat(single).isBetween(165, 225); // 0.65 of them
    assertThat(large).as("not cut by the border").isGreaterThan(single * 9 / 10);
  }

  @Test
  void twinsAreNamedAsTwo() {
    SceneOptions base = SceneOptions.defaults();
    SceneOptions twins =
        new SceneOptions(
            64, Split.TRAIN, List.of(0.0, 1.0), base.objectSizes().subList(0, 2), 0, 0, 1, 0, 0);
    SceneComposer pairs = new SceneComposer(BUNDLED, twins);
    int two = 0;
    for (int i = 0; i < 60; i++) {
      Scene scene = pairs.compose(1, i);
      assertThat(scene.labels()).hasSize(1);
      two += scene.caption().contains("two ") ? 1 : 0;
      assertThat(scene.caption().contains("two ")).isEqualTo(scene.objects().size() == 2);
    }
    assertThat(two).isGreaterThan(40);
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 33, 97, 256})
  void anySizeIsComposed(int size) {
    SceneComposer sized = new SceneComposer(BUNDLED, SceneOptions.defaults().withSize(size));
    for (int i = 0; i < 24; i++) {
      Scene scene = sized.compose(1, i);
      assertThat(scene.image().getWidth()).isEqualTo(size);
      assertThat(scene.mask().height()).isEqualTo(size);
      assertThat(scene.objects()).isNotEmpty();
    }
  }

  @Test
  void aSmallLibraryWillDo(@TempDir Path folder) {
    SceneComposer tiny =
        new SceneComposer(TinyLibrary.write(folder), SceneOptions.defaults().withSize(64));
    List<String> cutouts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      tiny.compose(1, i).objects().forEach(object -> cutouts.add(object.cutout()));
    }
    assertThat(cutouts).containsOnly("cat/0.png", "dog/0.png", "car/0.png");
  }

  @Test
  void wrongOptionsAreNamed() {
    SceneOptions options = SceneOptions.defaults();
    refused(() -> options.withSize(16), "scene size is 16");
    refused(() -> options.withCutoutsPerClass(-1), "cut-outs per class is -1");
    refused(() -> options.withObjectCountWeights(List.of(0.0)), "all weights");
    refused(() -> options.withObjectCountWeights(List.of(-1.0)), "weight");
    refused(() -> options.withObjectCountWeights(List.of(Double.NaN)), "weight");
    refused(() -> new SceneOptions.SizeRange(0.5, 0.4), "object sizes");
    refused(() -> Split.parse("val"), "train or test");
  }

  private static void refused(ThrowingCallable call, String because) {
    assertThatExceptionOfType(InputException.class).isThrownBy(call).withMessageContaining(because);
  }

  private static String hash(SceneComposer composer, long seed, int index) {
    return hash(composer.compose(seed, index));
  }

  private static String hash(Scene scene) {
    return Fingerprint.ofImage(scene.image())
        + Fingerprint.ofMask(scene.mask())
        + Fingerprint.ofText(scene.caption());
  }

  /** The classes that a caption names, once each in the singular or as "two …". */
  private static List<Integer> named(String caption) {
    List<Integer> labels = new ArrayList<>();
    for (int label = 1; label < ClassSet.VOC.size(); label++) {
      String words = ClassSet.VOC.words(label);
      String plural = words.equals("person") ? "people" : words + "(?:s|es)";
      Pattern pattern =
          Pattern.compile("\\ban? (?:\\w+ )?" + words + "\\b|\\btwo (?:" + plural + "|sheep)\\b");
      long times =
          pattern.matcher(caption).results().filter(found -> label(words, found.group())).count();
      assertThat(times).as(caption).isLessThanOrEqualTo(1);
      if (times == 1) {
        labels.add(label);
      }
    }
    return labels;
  }

  private static boolean label(String words, String found) {
    return !found.equals("two sheep") || words.equals("sheep");
  }

  private static List<Integer> labelsOf(Scene scene) {
    long[] histogram = scene.mask().histogram();
    return IntStream.range(1, 256).filter(label -> histogram[label] > 0).boxed().toList();
  }

  private static int longerSide(Scene scene) {
    int left = 128;
    int right = 0;
    int top = 128;
    int bottom = 0;
    for (int y = 0; y < 128; y++) {
      for (int x = 0; x < 128; x++) {
        if (scene.mask().at(x, y) != 0) {
          left = Math.min(left, x);
          right = Math.max(right, x);
          top = Math.min(top, y);
          bottom = y;
        }
      }
    }
    return Math.max(right - left, bottom - top) + 1;
  }
}
