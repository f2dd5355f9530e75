package org.syntagen.dataset.scenes;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.syntagen.dataset.InputException;

/**
 * What a composer varies and by how much. The values are part of the contract "same seed, same
 * bytes": a dataset records them.
 *
 * @param size side of the picture in pixels, 32 to 2048
 * @param split whose cut-outs are shown
 * @param objectCountWeights how often a scene holds 1, 2, … objects, in any unit
 * @param objectSizes for 1, 2, … objects, the range of an object's longer side as a share of the
 *     picture's side; as many as weights
 * @param cutoutsPerClass how many cut-outs of each class are used, the first ones of the split; 0
 *     for all
 * @param tintChance how often an object is tinted in a colour that the caption names, 0 to 1
 * @param twinChance how often a scene of several objects shows two of one class, 0 to 1
 * @param truncationChance how often an object is cut by the picture's border, 0 to 1
 * @param mostRotation the largest angle by which an object is turned, in degrees, 0 to 45
 */
public record SceneOptions(
    int size,
    Split split,
    List<Double> objectCountWeights,
    List<SizeRange> objectSizes,
    int cutoutsPerClass,
    double tintChance,
    double twinChance,
    double truncationChance,
    double mostRotation) {

  /** The most objects that one scene may hold. */
  public static final int MOST_OBJECTS = 6;

  /**
   * A range of object sizes as shares of the picture's side.
   *
   * @param least at least 0.1
   * @param most at least {@code least} and at most 1.5
   */
  public record SizeRange(double least, double most) {
    /** Checks the bounds. */
    public SizeRange {
      if (!(least >= 0.1 && most >= least && most <= 1.5)) {
        throw new InputException(
            "object sizes run from %s to %s; expected 0.1 ≤ least ≤ most ≤ 1.5"
                .formatted(least, most));
      }
    }
  }

  /**
   * Checks every value.
   *
   * @throws InputException naming the value and what is legal
   */
  public SceneOptions {
    Objects.requireNonNull(split, "split");
    objectCountWeights = List.copyOf(objectCountWeights);
    objectSizes = List.copyOf(objectSizes);
    if (size < 32 || size > 2048) {
      throw new InputException("the scene size is " + size + "; expected 32 to 2048 pixels");
    }
    if (objectCountWeights.isEmpty() || objectCountWeights.size() > MOST_OBJECTS) {
      throw new InputException(
          "there are %d weights of object counts; expected 1 to %d"
              .formatted(objectCountWeights.size(), MOST_OBJECTS));
    }
    double total = 0;
    for (double weight : objectCountWeights) {
      if (!(weight >= 0 && weight <= 1e9)) {
        throw new InputException("a weight of object counts is " + weight + "; expected 0 or more");
      }
      total += weight;
    }
    if (total <= 0) {
      throw new InputException("all weights of object counts are 0; make one of them positive");
    }
    if (objectSizes.size() != objectCountWeights.size()) {
      throw new InputException(
          "there are %d ranges of object sizes for %d object counts; give one for each"
              .formatted(objectSizes.size(), objectCountWeights.size()));
    }
    if (cutoutsPerClass < 0) {
      throw new InputException(
          "cut-outs per class is " + cutoutsPerClass + "; expected 1 or more, or 0 for all");
    }
    checkChance("tint chance", tintChance);
    checkChance("twin chance", twinChance);
    checkChance("truncation chance", truncationChance);
    if (!(mostRotation >= 0 && mostRotation <= 45)) {
      throw new InputException(
          "the largest rotation is " + mostRotation + " degrees; expected 0 to 45");
    }
  }

  /** Training scenes of 128×128 with one to four objects: the benchmark's own mixture. */
  public static SceneOptions defaults() {
    return new SceneOptions(
        128,
        Split.TRAIN,
        List.of(0.45, 0.33, 0.15, 0.07),
        List.of(
            new SizeRange(0.6, 0.95),
            new SizeRange(0.42, 0.62),
            new SizeRange(0.34, 0.48),
            new SizeRange(0.28, 0.4)),
        0,
        0.15,
        0.05,
        0.12,
        8);
  }

  /** Mostly one large object, upright and untinted, of two cut-outs a class: for a generator. */
  public static SceneOptions easy() {
    return new SceneOptions(
        128,
        Split.TRAIN,
        List.of(0.65, 0.25, 0.1),
        List.of(new SizeRange(0.7, 0.95), new SizeRange(0.48, 0.65), new SizeRange(0.38, 0.5)),
        2,
        0,
        0.05,
        0.02,
        3);
  }

  /** These options with another size. */
  public SceneOptions withSize(int newSize) {
    return new SceneOptions(
        newSize,
        split,
        objectCountWeights,
        objectSizes,
        cutoutsPerClass,
        tintChance,
        twinChance,
        truncationChance,
        mostRotation);
  }

  /** These options with the cut-outs of another split. */
  public SceneOptions withSplit(Split newSplit) {
    return new SceneOptions(
        size,
        newSplit,
        objectCountWeights,
        objectSizes,
        cutoutsPerClass,
        tintChance,
        twinChance,
        truncationChance,
        mostRotation);
  }

  /** These options with another limit of cut-outs a class; 0 for all. */
  public SceneOptions withCutoutsPerClass(int limit) {
    return new SceneOptions(
        size,
        split,
        objectCountWeights,
        objectSizes,
        limit,
        tintChance,
        twinChance,
        truncationChance,
        mostRotation);
  }

  /** These options with other weights of object counts, keeping the ranges of sizes. */
  public SceneOptions withObjectCountWeights(List<Double> weights) {
    List<SizeRange> sizes = defaults().objectSizes;
    List<SizeRange> ranges =
        weights.size() <= objectSizes.size()
            ? objectSizes.subList(0, weights.size())
            : sizes.subList(0, Math.min(weights.size(), sizes.size()));
    return new SceneOptions(
        size,
        split,
        weights,
        ranges,
        cutoutsPerClass,
        tintChance,
        twinChance,
        truncationChance,
        mostRotation);
  }

  /** The options as a dataset's provenance records them. */
  public Map<String, Object> toFields() {
    Map<String, Object> fields = new TreeMap<>();
    fields.put("size", size);
    fields.put("split", split.text());
    fields.put("objectCountWeights", objectCountWeights);
    fields.put(
        "objectSizes",
        objectSizes.stream().map(range -> List.of(range.least, range.most)).toList());
    fields.put("cutoutsPerClass", cutoutsPerClass);
    fields.put("tintChance", tintChance);
    fields.put("twinChance", twinChance);
    fields.put("truncationChance", truncationChance);
    fields.put("mostRotation", mostRotation);
    return fields;
  }

  private static void checkChance(String what, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new InputException("the " + what + " is " + value + "; expected 0 to 1");
    }
  }
}
