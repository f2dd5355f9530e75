package org.syntagen.cli;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.InputException;
import org.syntagen.labeling.Scores;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.Predictor;

/**
 * A segmenter that was trained on first labels and helps to make better ones: what many images have
 * in common outlasts the errors of each. It must not have seen other masks than such labels. Owns
 * the network; safe to use from several threads.
 */
final class Teacher implements AutoCloseable {
  private final DeepLabV3 network;
  private final Predictor predictor;

  private Teacher(DeepLabV3 network, int shorterSide) {
    this.network = network;
    predictor = new Predictor(network, shorterSide);
  }

  /**
   * A teacher that sees images as large as it was trained on, if the file says so.
   *
   * @throws InputException if the network tells other classes apart
   */
  static Teacher load(Path checkpoint, ClassSet classes) {
    DeepLabV3 network = Networks.load(checkpoint, classes);
    int shorterSide = Checkpoint.find(checkpoint).flatMap(Checkpoint::baseSize).orElse(0);
    return new Teacher(network, shorterSide);
  }

  /** For provenance. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("modelFingerprint", network.fingerprint());
    map.put("shorterSide", predictor.shorterSide());
    return map;
  }

  /**
   * The mean of scores and of the teacher's probabilities, among background and the scored classes.
   */
  synchronized Scores agreed(BufferedImage image, Scores scores) {
    float[] seen = predictor.probabilities(image);
    float[] values = scores.values().clone();
    int pixels = values.length / Math.max(1, scores.labels().size());
    for (int p = 0; p < pixels; p++) {
      float all = seen[p]; // the background's
      for (int label : scores.labels()) {
        all += seen[label * pixels + p];
      }
      for (int k = 0; k < scores.labels().size(); k++) {
        float probability = seen[scores.labels().get(k) * pixels + p] / Math.max(all, 1e-12f);
        values[k * pixels + p] = (values[k * pixels + p] + probability) / 2;
      }
    }
    return new Scores(scores.labels(), values, scores.width(), scores.height());
  }

  @Override
  public void close() {
    network.close();
  }
}
