package org.syntagen.segmentation;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.tensor.SeededNoise;

/**
 * Trains DeepLabv3; see {@link TrainingConfig}. A run that stops by iterations is a function of
 * configuration and images alone: run again on the same machine with the same number of threads,
 * whether or not it was interrupted, it ends in the same weights. One run at a time; not
 * thread-safe.
 */
public final class Trainer {
  private static final long CACHE_BYTES = 512L << 20;

  private final TrainingConfig config;
  private final ClassSet classes;
  private final Mixture images;
  private final PolySchedule schedule;

  /**
   * @param sets what to learn, mixed by the configuration's shares; small ones are kept in memory
   *     after the first reading
   * @throws InputException if there is no image, or not one share a set
   */
  public Trainer(TrainingConfig config, ClassSet classes, List<LabeledImages> sets) {
    this.config = config;
    this.classes = classes;
    this.images = mixture(config, sets);
    this.schedule =
        new PolySchedule(config.optimization().learningRate(), config.optimization().warmup());
  }

  /** As the other, for one set. */
  public Trainer(TrainingConfig config, ClassSet classes, LabeledImages images) {
    this(config, classes, List.of(images));
  }

  private static Mixture mixture(TrainingConfig config, List<LabeledImages> sets) {
    if (sets.isEmpty() || sets.stream().anyMatch(images -> images.size() == 0)) {
      throw new InputException("there is no image to train on; expected at least one");
    }
    boolean joined = config.shares().isEmpty();
    List<LabeledImages> mixed = joined ? List.of(LabeledImages.joined(sets)) : sets;
    long cacheBytes = CACHE_BYTES / mixed.size();
    return new Mixture(
        mixed.stream().map(images -> new CachedImages(images, cacheBytes)).toList(),
        joined ? List.of(1) : config.shares(),
        config.seed());
  }

  /** Trains to the end without saving anything. */
  public TrainingResult train(TrainingProgress.Listener listener) {
    return train(TrainingSnapshots.none(), listener);
  }

  /**
   * Trains to the end, from the last snapshot if there is one.
   *
   * @throws InputException if a sample is broken or a snapshot belongs to another run
   * @throws TrainingException if the loss is no longer a number
   */
  public TrainingResult train(TrainingSnapshots snapshots, TrainingProgress.Listener listener) {
    TrainingState state = snapshots.restore(config, classes);
    try {
      run(state, snapshots, listener);
      return state.finish();
    } catch (RuntimeException | Error e) {
      state.close();
      throw e;
    }
  }

  private void run(
      TrainingState state, TrainingSnapshots snapshots, TrainingProgress.Listener listener) {
    DeepLabV3 model = state.model();
    model.parameters().values().forEach(parameter -> parameter.requires_grad_(true));
    Optimization how = config.optimization();
    TrainingStep step =
        new TrainingStep(
            model,
            how.optimizer().bind(model, state.optimizer(), how),
            config.auxiliaryLoss(),
            config.precision());
    Clock clock = new Clock(state);
    Batches batches = new Batches(images, config.augmentation(), config.batchSize(), config.seed());
    long first = (long) state.iteration() * config.accumulation();
    long end = (long) config.iterations() * config.accumulation();
    try (Prefetch<Batch> ahead = new Prefetch<>(batches::batch, first, end)) {
      for (double done = clock.done(); done < 1; done = clock.done()) {
        double rate = schedule.rate(done);
        double loss = run(step, ahead, state.iteration(), rate);
        state.add(loss, rate, clock.seconds());
        listener.step(clock.progress(ahead.waitedSeconds()));
        snapshots.offer(state, config);
      }
    } finally {
      model.parameters().values().forEach(Trainer::release);
    }
  }

  /** Ends a parameter's training and frees its gradient, which is as large as itself. */
  static void release(Tensor parameter) {
    parameter.requires_grad_(false);
    parameter.mutable_grad().reset();
  }

  /**
   * The mean loss of a step's batches; one without labels has nothing to learn and moves nothing.
   */
  private double run(TrainingStep step, Prefetch<Batch> ahead, int iteration, double learningRate) {
    int count = config.accumulation();
    double sum = 0;
    boolean labelled = false;
    for (int i = 0; i < count; i++) {
      Batch batch = ahead.next();
      requireKnown(batch);
      if (batch.labelled() == 0) {
        continue; // a mean over no pixel is no number
      }
      long number = (long) iteration * count + i;
      try (SeededNoise noise = new SeededNoise(SplitMix64.mix(config.seed()) + number)) {
        sum += step.accumulate(batch, noise, iteration + 1, learningRate, 1.0 / count);
      }
      labelled = true;
    }
    if (labelled) {
      step.update().apply(iteration + 1, learningRate);
    }
    return sum / count;
  }

  /** libtorch answers an impossible label by ending the process or by an unreadable trace. */
  private void requireKnown(Batch batch) {
    int perImage = batch.size() * batch.size();
    for (int i = 0; i < batch.labels().length; i++) {
      long label = batch.labels()[i];
      if (label >= classes.size() && label != ClassSet.VOID) {
        throw new InputException(
            "the mask of sample %s holds label %d; expected 0 to %d, or 255 for void"
                .formatted(batch.ids().get(i / perImage), label, classes.size() - 1));
      }
    }
  }

  /** How far a run is, by iterations and by time. */
  private final class Clock {
    private final TrainingState state;
    private final double secondsBefore;
    private final long start = System.nanoTime();

    private Clock(TrainingState state) {
      this.state = state;
      this.secondsBefore = state.seconds();
    }

    private double here() {
      return (System.nanoTime() - start) / 1e9;
    }

    private double seconds() {
      return secondsBefore + here();
    }

    private double done() {
      double byIterations = (double) state.iteration() / config.iterations();
      return config.seconds() == 0
          ? byIterations
          : Math.max(byIterations, seconds() / config.seconds());
    }

    private TrainingProgress progress(double waitedSeconds) {
      TrainingResult.Point last = state.last();
      return new TrainingProgress(
          state.iteration(),
          config.iterations(),
          Math.min(1, done()),
          last.loss(),
          last.learningRate(),
          waitedSeconds / here());
    }
  }
}
