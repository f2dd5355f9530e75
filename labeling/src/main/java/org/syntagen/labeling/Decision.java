package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.Map;
import org.syntagen.dataset.LabelMap;

/** How scores become labels. */
public sealed interface Decision permits Thresholds, Refinement, ColorSegments {
  /** Name and parameters, for provenance. */
  Map<String, Object> toMap();

  /**
   * The labels of an image.
   *
   * @param image as large as the scores
   */
  LabelMap label(Scores scores, BufferedImage image);
}
