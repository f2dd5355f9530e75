package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;

/**
 * Labels from scores and the image: the background competes with a constant score, probabilities
 * are the softmax over background and classes, and a dense CRF aligns them with the image's edges.
 *
 * @param background score of the background everywhere, 0 … 1
 * @param temperature of the softmax: how little a difference of scores decides
 * @param confidence pixels whose likeliest label is less likely than this are void, 0 for none
 * @param mostVoid but no more than this share of the pixels of a class, the least sure ones, so
 *     that thin objects keep labels; 0 … 1
 */
public record Refinement(
    double background, double temperature, double confidence, double mostVoid, DenseCrf crf)
    implements Decision {
  static final String NAME = "dense-crf";

  public Refinement {
    if (!(background > 0 && background < 1)) {
      throw new IllegalArgumentException("the background's score must lie between 0 and 1");
    }
    if (!(temperature > 0)) {
      throw new IllegalArgumentException("the temperature must be positive, not " + temperature);
    }
    if (!(confidence >= 0 && confidence < 1)) {
      throw new IllegalArgumentException("confidence must be from 0 to below 1, not " + confidence);
    }
    if (!(mostVoid >= 0 && mostVoid <= 1)) {
      throw new IllegalArgumentException(
          "the most that may be void must be a share of 0 to 1, not " + mostVoid);
    }
  }

  /** CLIP-ES' CRF and confidence on scores of which the background's is {@code 0.5}. */
  public static Refinement clipEs() {
    return new Refinement(0.5, 0.2, 0.95, 1, DenseCrf.clipEs());
  }

  /** The same with another share that may be void. */
  public Refinement withMostVoid(double share) {
    return new Refinement(background, temperature, confidence, share, crf);
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("background", background);
    map.put("temperature", temperature);
    map.put("confidence", confidence);
    map.put("mostVoid", mostVoid);
    map.put("crf", crf.toMap());
    return map;
  }

  @Override
  public LabelMap label(Scores scores, BufferedImage image) {
    int pixels = scores.pixels();
    int classes = scores.labels().size();
    byte[] result = new byte[pixels];
    if (classes > 0) {
      float[] belief = crf.refine(image, probabilities(scores.values(), pixels, classes));
      int[] best = new int[pixels];
      for (int p = 0; p < pixels; p++) {
        for (int k = 1; k <= classes; k++) {
          if (belief[k * pixels + p] > belief[best[p] * pixels + p]) {
            best[p] = k;
          }
        }
        result[p] = (byte) (best[p] == 0 ? 0 : scores.labels().get(best[p] - 1));
      }
      for (int k = 0; k <= classes; k++) {
        for (int p : unsure(belief, best, k, k == 0 ? 1 : mostVoid)) {
          result[p] = (byte) ClassSet.VOID;
        }
      }
    }
    return new LabelMap(scores.width(), scores.height(), result);
  }

  /** The pixels where label k is the likeliest but not likely, up to a share of all of its. */
  private int[] unsure(float[] belief, int[] best, int k, double most) {
    int offset = k * best.length;
    int[] all = IntStream.range(0, best.length).filter(p -> best[p] == k).toArray();
    return Arrays.stream(all)
        .filter(p -> belief[offset + p] < confidence)
        .boxed()
        .sorted(Comparator.comparingDouble(p -> belief[offset + p]))
        .limit((long) (most * all.length))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Background first, then the classes in their order. */
  private float[] probabilities(float[] scores, int pixels, int classes) {
    float[] probabilities = new float[(classes + 1) * pixels];
    for (int p = 0; p < pixels; p++) {
      double sum = 1; // the background's
      for (int k = 1; k <= classes; k++) {
        double odds = Math.exp((scores[(k - 1) * pixels + p] - background) / temperature);
        probabilities[k * pixels + p] = (float) odds;
        sum += odds;
      }
      probabilities[p] = 1;
      for (int k = 0; k <= classes; k++) {
        probabilities[k * pixels + p] /= (float) sum;
      }
    }
    return probabilities;
  }
}
