package org.syntagen.segmentation;

import java.util.LinkedHashMap;
import java.util.Map;
import org.syntagen.dataset.InputException;

/**
 * What a training run is a function of, beside its images. The rest is torchvision's published
 * recipe and fixed: polynomial decay of power 0.9 per iteration and an auxiliary loss of weight
 * 0.5.
 *
 * @param backbone the network under the heads
 * @param start the backbone's weights before training
 * @param iterations after how many steps to stop
 * @param seconds after what time to stop if that comes first, 0 for never; a run that it stops
 *     depends on the machine's speed and is not reproducible bit by bit
 * @param batchSize images a step, at least 2
 * @param optimizer how gradients move the weights; SGD is torchvision's
 * @param learningRate at the start of the schedule
 * @param warmup fraction of the run in which the learning rate rises from 1 % to its full value, as
 *     networks without pretrained weights need at high rates; 0 for none
 * @param augmentation sizes of the random resizing and cropping
 * @param precision of forward and backward passes
 * @param seed of weights, order, augmentation and dropout
 */
public record TrainingConfig(
    Backbone backbone,
    BackboneWeights start,
    int iterations,
    double seconds,
    int batchSize,
    Optimizer optimizer,
    double learningRate,
    double warmup,
    Augmentation augmentation,
    Precision precision,
    long seed) {
  private static final int MOST_ITERATIONS = 10_000_000;
  private static final int MOST_BATCH = 1024;
  private static final double MOST_WARMUP = 0.5;

  /**
   * Checks the ranges.
   *
   * @throws InputException if a value is out of range
   */
  public TrainingConfig {
    require(
        iterations >= 1 && iterations <= MOST_ITERATIONS,
        "iterations",
        iterations,
        "1 to " + MOST_ITERATIONS);
    require(seconds >= 0 && seconds < 1e9, "time budget", seconds, "0 (none) or more seconds");
    require(
        batchSize >= 2 && batchSize <= MOST_BATCH, "batch size", batchSize, "2 to " + MOST_BATCH);
    require(
        learningRate > 0 && learningRate <= 100,
        "learning rate",
        learningRate,
        "more than 0, at most 100");
    require(
        warmup >= 0 && warmup <= MOST_WARMUP,
        "warm-up",
        warmup,
        "a fraction of the run from 0 to " + MOST_WARMUP);
  }

  private static void require(boolean holds, String name, Number found, String expected) {
    if (!holds) {
      throw new InputException("the %s is %s; expected %s".formatted(name, found, expected));
    }
  }

  /**
   * The competition's protocol by torchvision's recipe: ResNet-50, 10 000 iterations, batch 8, base
   * size 520, crop 480.
   */
  public static TrainingConfig competition(long seed) {
    return new TrainingConfig(
        Backbone.RESNET50,
        BackboneWeights.RANDOM,
        10_000,
        0,
        8,
        Optimizer.SGD,
        0.01,
        0,
        new Augmentation(520, 480),
        Precision.FP32,
        seed);
  }

  /**
   * A run of minutes on a processor: MobileNetV3-Large with AdamW. Sizes vary less than in
   * torchvision's recipe, which wastes less of each crop, and colours more.
   *
   * @param start the backbone's weights before training
   * @param size of base and crop in pixels
   * @param iterations after how many steps to stop
   * @param seconds after what time to stop if that comes first, 0 for never
   */
  public static TrainingConfig small(
      BackboneWeights start, int size, int iterations, double seconds, long seed) {
    return new TrainingConfig(
        Backbone.MOBILENET_V3_LARGE,
        start,
        iterations,
        seconds,
        16,
        Optimizer.ADAMW,
        0.002,
        0.05,
        new Augmentation(size, size, 0.75, 1.5, 0.5),
        Precision.FP32,
        seed);
  }

  /** The values under stable names, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("backbone", backbone.id());
    map.put("backbone_weights", start.fingerprint());
    map.put("iterations", iterations);
    map.put("seconds", seconds);
    map.put("batch_size", batchSize);
    map.put("optimizer", optimizer.id());
    map.put("learning_rate", learningRate);
    map.put("warmup", warmup);
    map.put("base_size", augmentation.baseSize());
    map.put("crop_size", augmentation.cropSize());
    map.put("least_scale", augmentation.leastScale());
    map.put("most_scale", augmentation.mostScale());
    map.put("color_jitter", augmentation.colorJitter());
    map.put("precision", precision.id());
    map.put("seed", seed);
    return map;
  }
}
