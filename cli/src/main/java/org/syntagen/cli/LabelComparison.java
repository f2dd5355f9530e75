package org.syntagen.cli;

import java.awt.image.BufferedImage;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.labeling.Attribution;
import org.syntagen.labeling.Decision;
import org.syntagen.labeling.ImageScorer;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.labeling.Scores;

/**
 * Measures labelers on images with exact masks. The parameters of each are those with the highest
 * mIoU on other images, for calibration; the images that are measured on choose nothing.
 */
final class LabelComparison {
  /** How many of the first images, and of the worst, are shown. */
  static final int SHOWN = 6;

  private final StableDiffusion model;
  private final List<Long> timesteps;
  private final long seed;
  private final PairGenerator.Effort effort;

  LabelComparison(
      StableDiffusion model, List<Long> timesteps, long seed, PairGenerator.Effort effort) {
    this.model = model;
    this.timesteps = timesteps;
    this.seed = seed;
    this.effort = effort;
  }

  /**
   * A labeler whose parameters are open.
   *
   * @param attributions to choose from
   * @param decisions to choose from
   */
  record Candidates(String name, List<Attribution> attributions, List<Decision> decisions) {}

  /**
   * What came out.
   *
   * @param secondsAnImage of one core
   * @param worst positions of the images with the lowest mIoU, the lowest first
   * @param shown labels of the first images and of the worst, by position
   */
  record Row(
      Calibrated calibrated,
      LabelQuality quality,
      double secondsAnImage,
      List<Integer> worst,
      Map<Integer, LabelMap> shown) {}

  /**
   * A labeler with parameters.
   *
   * @param miou on the images for calibration, in percent
   */
  record Calibrated(String name, Labeler labeler, double miou) {}

  /** The best of the candidates on these images. */
  Calibrated calibrate(Candidates candidates, Dataset data, IntConsumer done) {
    Calibrated best = null;
    for (Attribution attribution : candidates.attributions) {
      List<Scores> scores = scores(attribution, data, done);
      for (Decision decision : candidates.decisions) {
        double miou = quality(scores, decision, data).meanIou();
        if (best == null || miou > best.miou) {
          best = new Calibrated(candidates.name, new Labeler(attribution, decision), miou);
        }
      }
    }
    return best;
  }

  /** Measures a labeler. */
  Row measure(Calibrated calibrated, Dataset data, IntConsumer done) {
    Labeler labeler = calibrated.labeler;
    LongAdder nanos = new LongAdder();
    LabelMap[] labels = new LabelMap[data.size()];
    ImageScorer scorer = scorer(labeler.attribution());
    AtomicInteger count = new AtomicInteger();
    effort.run(
        IntStream.range(0, data.size()).toArray(),
        (index, going) -> {
          BufferedImage image = data.image(index);
          long start = System.nanoTime();
          Scores scores = scorer.score(image, LabelCommand.prompt(data, index, seed)).scores();
          labels[index] = labeler.decision().label(scores, image);
          nanos.add(System.nanoTime() - start);
          done.accept(count.incrementAndGet());
        });
    LabelQuality quality = new LabelQuality(data.classes());
    double[] single = new double[data.size()];
    for (int i = 0; i < labels.length; i++) {
      LabelMap truth = data.mask(i);
      quality.add(truth, labels[i]);
      single[i] = iou(truth, labels[i], data.classes());
    }
    List<Integer> worst =
        IntStream.range(0, labels.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> single[i]))
            .limit(SHOWN)
            .toList();
    Map<Integer, LabelMap> shown = new HashMap<>();
    IntStream.range(0, Math.min(SHOWN, labels.length)).forEach(i -> shown.put(i, labels[i]));
    worst.forEach(i -> shown.put(i, labels[i]));
    return new Row(calibrated, quality, nanos.sum() / 1e9 / labels.length, worst, shown);
  }

  private ImageScorer scorer(Attribution attribution) {
    return GenerateCommand.checked(() -> new ImageScorer(model, attribution, timesteps));
  }

  private List<Scores> scores(Attribution attribution, Dataset data, IntConsumer done) {
    Scores[] scores = new Scores[data.size()];
    ImageScorer scorer = scorer(attribution);
    AtomicInteger count = new AtomicInteger();
    effort.run(
        IntStream.range(0, scores.length).toArray(),
        (index, going) -> {
          Prompt prompt = LabelCommand.prompt(data, index, seed);
          scores[index] = scorer.score(data.image(index), prompt).scores();
          done.accept(count.incrementAndGet());
        });
    return List.of(scores);
  }

  private LabelQuality quality(List<Scores> scores, Decision decision, Dataset data) {
    LabelMap[] labels = new LabelMap[scores.size()];
    effort.run(
        IntStream.range(0, labels.length).toArray(),
        (index, going) -> labels[index] = decision.label(scores.get(index), data.image(index)));
    LabelQuality quality = new LabelQuality(data.classes());
    for (int i = 0; i < labels.length; i++) {
      quality.add(data.mask(i), labels[i]);
    }
    return quality;
  }

  /** 1 where all is void. */
  private static double iou(LabelMap truth, LabelMap labels, ClassSet classes) {
    ConfusionMatrix matrix = new ConfusionMatrix(classes.size());
    matrix.add(truth.labels(), LabelQuality.decided(labels).labels());
    return matrix.total() == 0 ? 1 : Metrics.of(matrix, classes).meanIou();
  }
}
