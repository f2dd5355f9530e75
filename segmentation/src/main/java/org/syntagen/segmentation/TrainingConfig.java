package org.syntagen.segmentation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syntagen.dataset.InputException;

/**
 * What a training run is a function of, beside its images; {@link Recipe} reads it from files. The
 * learning rate decays polynomially with power 0.9 as in torchvision.
 *
 * @param backbone the network under the heads
 * @param start the weights before training
 * @param maskTrainedStart whether they may come from a network that has seen masks
 * @param iterations after how many steps to stop
 * @param seconds after what time to stop if that comes first, 0 for never; a run that it stops
 *     depends on the machine's speed and is not reproducible bit by bit
 * @param batchSize images that go through the network at once, at least 2
 * @param accumulation batches whose mean gradient makes a step
 * @param averageDecay of an exponential moving average of the weights, which the run then ends in;
 *     0 for none
 * @param shares of several sets of images in the draws; empty for each by its size
 * @param optimization how gradients move the weights
 * @param auxiliaryLoss weight of the auxiliary head's loss beside the other's 1
 * @param augmentation sizes of the random resizing and cropping
 * @param precision of forward and backward passes
 * @param seed of weights, order, augmentation and dropout
 */
public record TrainingConfig(
    Backbone backbone,
    InitialWeights start,
    boolean maskTrainedStart,
    int iterations,
    double seconds,
    int batchSize,
    int accumulation,
    double averageDecay,
    List<Integer> shares,
    Optimization optimization,
    double auxiliaryLoss,
    Augmentation augmentation,
    Precision precision,
    long seed) {
  private static final int MOST_ITERATIONS = 10_000_000;
  private static final int MOST_BATCH = 1024;
  private static final int MOST_SHARE = 1000;

  /**
   * Checks the ranges.
   *
   * @throws InputException if a value is out of range, or the start has seen masks and must not
   */
  public TrainingConfig {
    Ranges.require(
        iterations >= 1 && iterations <= MOST_ITERATIONS,
        "iterations",
        iterations,
        "1 to " + MOST_ITERATIONS);
    Ranges.require(
        seconds >= 0 && seconds < 1e9, "time budget", seconds, "0 (none) or more seconds");
    Ranges.require(
        batchSize >= 2 && batchSize <= MOST_BATCH, "batch size", batchSize, "2 to " + MOST_BATCH);
    Ranges.require(
        accumulation >= 1 && accumulation <= MOST_BATCH,
        "accumulation",
        accumulation,
        "1 to " + MOST_BATCH);
    Ranges.require(
        averageDecay >= 0 && averageDecay < 1,
        "average decay",
        averageDecay,
        "0 (none) to less than 1");
    shares = List.copyOf(shares);
    for (int share : shares) {
      Ranges.require(share >= 1 && share <= MOST_SHARE, "share", share, "1 to " + MOST_SHARE);
    }
    Ranges.require(
        auxiliaryLoss >= 0 && auxiliaryLoss <= 10, "auxiliary loss", auxiliaryLoss, "0 to 10");
    if (start.kind() == InitialWeights.Kind.SEGMENTER && !maskTrainedStart) {
      throw new InputException(
          "%s: holds a whole DeepLabv3, which was trained on masks (torchvision's COCO_WITH_VOC_LABELS weights on real ones), and mask_trained_start is false; expected an image classifier, e.g. torchvision's %s of ImageNet"
              .formatted(start.file().orElseThrow(), backbone.id()));
    }
  }

  /** The values under the names of recipes, for JSON. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("backbone", backbone.id());
    map.put("initial_weights", start.fingerprint());
    map.put("mask_trained_start", maskTrainedStart);
    map.put("iterations", iterations);
    map.put("seconds", seconds);
    map.put("batch_size", batchSize);
    map.put("accumulation", accumulation);
    map.put("average_decay", averageDecay);
    map.put("shares", shares);
    map.put("optimizer", optimization.optimizer().id());
    map.put("learning_rate", optimization.learningRate());
    map.put("warmup", optimization.warmup());
    map.put("weight_decay", optimization.weightDecay());
    map.put("backbone_rate", optimization.backboneRate());
    map.put("auxiliary_rate", optimization.auxiliaryRate());
    map.put("gradient_norm", optimization.gradientNorm());
    map.put("auxiliary_loss", auxiliaryLoss);
    map.put("base_size", augmentation.baseSize());
    map.put("crop_size", augmentation.cropSize());
    map.put("least_scale", augmentation.leastScale());
    map.put("most_scale", augmentation.mostScale());
    map.put("cat_max_ratio", augmentation.mostOfOneClass());
    map.put("color_jitter", augmentation.colorJitter());
    map.put("precision", precision.id());
    map.put("seed", seed);
    return map;
  }
}
