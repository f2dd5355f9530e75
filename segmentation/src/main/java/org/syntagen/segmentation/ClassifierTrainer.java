package org.syntagen.segmentation;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.nn.BatchNorm2d;
import org.syntagen.tensor.optim.AdamW;

/**
 * Trains {@link ImageClassifier} to tell which classes are in an image, from random weights: binary
 * cross-entropy over the classes, AdamW, the schedule of {@link PolySchedule}. A run is a function
 * of its settings and images.
 */
public final class ClassifierTrainer {
  private static final double WEIGHT_DECAY = 0.01;
  private static final double MOST_NORM = 5;
  private static final double WARMUP = 0.05;

  /**
   * @param iterations steps to take, at least 1
   * @param batchSize images a step, at least 2
   * @param size side of the random crops in pixels; images are resized to 0.75 to 1.35 times of it,
   *     and their colours vary by half of {@link Augmentation}'s range
   * @param learningRate at the start of the schedule
   * @param seed of weights, order, augmentation and dropout
   */
  public record Settings(int iterations, int batchSize, int size, double learningRate, long seed) {
    /** Checks the ranges. */
    public Settings {
      if (iterations < 1 || batchSize < 2 || !(learningRate > 0)) {
        throw new InputException(
            "a classifier needs at least 1 iteration, 2 images a batch and a positive learning"
                + " rate, not %d, %d and %s".formatted(iterations, batchSize, learningRate));
      }
    }
  }

  /** Hears of every step. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param iteration from 1
     */
    void step(int iteration, double loss);
  }

  private final Settings settings;
  private final Augmentation augmentation;
  private final NamedImages images;
  private final List<String> classNames;
  private final Shuffle shuffle;

  /**
   * @param classNames what to tell apart
   */
  public ClassifierTrainer(Settings settings, List<String> classNames, NamedImages images) {
    this.settings = settings;
    this.augmentation = new Augmentation(settings.size, settings.size, 0.75, 1.35, 1, 0.5);
    this.images = images;
    this.classNames = List.copyOf(classNames);
    this.shuffle = new Shuffle(images.size(), settings.seed);
  }

  /**
   * @param colors normalised, [n, 3, size, size]
   * @param presence 1 where an image shows a class, [n, classes]
   */
  private record NamedBatch(float[] colors, float[] presence) {}

  /** Trains to the end; the classifier belongs to the caller. */
  public ImageClassifier train(Listener listener) {
    ImageClassifier classifier = ImageClassifier.random(classNames, settings.seed);
    try {
      run(classifier, listener);
      return classifier;
    } catch (RuntimeException | Error e) {
      classifier.close();
      throw e;
    }
  }

  private void run(ImageClassifier classifier, Listener listener) {
    StateDict state = classifier.state();
    List<Tensor> parameters =
        state.names().stream()
            .filter(name -> !BatchNorm2d.isBuffer(name))
            .map(name -> state.get(name).requires_grad_(true))
            .toList();
    PolySchedule schedule = new PolySchedule(settings.learningRate, WARMUP);
    try (Prefetch<NamedBatch> batches = new Prefetch<>(this::batch, 0, settings.iterations);
        StateDict moments = new StateDict("optimizer")) {
      AdamW adam = new AdamW(state, moments, WEIGHT_DECAY);
      for (int i = 0; i < settings.iterations; i++) {
        double loss = backward(classifier, batches.next(), i);
        adam.step(i + 1, schedule.rate((double) i / settings.iterations), MOST_NORM);
        listener.step(i + 1, loss);
      }
    } finally {
      parameters.forEach(Trainer::release);
    }
  }

  private double backward(ImageClassifier classifier, NamedBatch batch, int iteration) {
    int n = settings.batchSize;
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(SplitMix64.mix(settings.seed) + iteration)) {
      Tensor colors = Tensors.of(batch.colors, n, 3, settings.size, settings.size);
      Tensor present = Tensors.of(batch.presence, n, classNames.size());
      Tensor scores = classifier.forward(colors, Mode.training(noise));
      // Binary cross-entropy of the sigmoid, in a form that cannot overflow.
      Tensor entropy =
          Ops.clampMin(scores, 0).sub(scores.mul(present)).add(scores.abs().neg().exp().log1p());
      Tensor loss = Ops.scale(entropy.sum(), 1.0 / n);
      loss.backward();
      double value = loss.item_float();
      if (!Double.isFinite(value)) {
        throw new TrainingException(
            "training diverged at iteration %d: the loss is %s; lower the learning rate (now %s)"
                .formatted(iteration + 1, value, settings.learningRate));
      }
      return value;
    }
  }

  private NamedBatch batch(long number) {
    int n = settings.batchSize;
    Window window = new Window(settings.size, settings.size);
    float[] colors = new float[n * 3 * window.pixels()];
    float[] presence = new float[n * classNames.size()];
    IntStream.range(0, n)
        .parallel()
        .forEach(
            i -> {
              long draw = number * n + i;
              int position = shuffle.position(draw);
              LabeledImage image = images.load(position);
              Placement placement = augmentation.draw(settings.seed, draw, image);
              ColorShift shift = augmentation.colorShift(settings.seed, draw);
              window.drawColors(image, placement, shift, colors, i * 3 * window.pixels());
              for (String name : images.classes(position)) {
                presence[i * classNames.size() + position(name)] = 1;
              }
            });
    return new NamedBatch(colors, presence);
  }

  private int position(String name) {
    int position = classNames.indexOf(name);
    if (position < 0) {
      throw new InputException(
          "the class %s is not among those to learn: %s"
              .formatted(name, String.join(", ", classNames)));
    }
    return position;
  }
}
