package org.syntagen.labeling;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * From a model's view of an image to its labels.
 *
 * @param attribution scores the classes at each pixel
 * @param decision chooses among them
 */
public record Labeler(Attribution attribution, Decision decision) {

  /** For provenance. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>(attribution.toMap());
    map.put("decision", decision.toMap());
    return map;
  }
}
