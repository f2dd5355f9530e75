package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.LabelMap;

/**
 * The strongest class of each pixel, void where it is uncertain, background where it is weak.
 *
 * @param foreground scores from here on are the class's
 * @param uncertain scores from here to {@code foreground} are void; below is background
 */
public record Thresholds(double foreground, double uncertain) implements Decision {
  static final String NAME = "thresholds";

  public Thresholds {
    if (!(0 < uncertain && uncertain <= foreground && foreground < 1)) {
      throw new IllegalArgumentException(
          "thresholds must satisfy 0 < uncertain <= foreground < 1, not "
              + uncertain
              + " and "
              + foreground);
    }
  }

  @Override
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", NAME);
    map.put("foreground", foreground);
    map.put("uncertain", uncertain);
    return map;
  }

  @Override
  public LabelMap label(Scores scores, BufferedImage image) {
    byte[] labels = new byte[scores.pixels()];
    for (int p = 0; p < labels.length && !scores.labels().isEmpty(); p++) {
      int best = scores.strongest(p);
      float score = scores.values()[best * labels.length + p];
      if (score >= foreground) {
        labels[p] = (byte) (int) scores.labels().get(best);
      } else if (score >= uncertain) {
        labels[p] = (byte) ClassSet.VOID;
      }
    }
    return new LabelMap(scores.width(), scores.height(), labels);
  }
}
