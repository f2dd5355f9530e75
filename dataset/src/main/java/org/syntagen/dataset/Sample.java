package org.syntagen.dataset;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One line of {@code samples.jsonl}: what a sample was made from and what came out.
 *
 * @param id the stem of its image and mask files
 * @param origin what it was made from
 * @param imageHash {@link Fingerprint#ofImage} of its image
 * @param maskHash {@link Fingerprint#ofMask} of its mask
 * @param area how many pixels of the mask each class fills, by class name, and "void"; classes
 *     without a pixel are left out
 */
public record Sample(
    String id, SampleOrigin origin, String imageHash, String maskHash, Map<String, Long> area) {
  /** The name under which {@link #area} counts void pixels. */
  public static final String VOID = "void";

  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /** Checks id and hashes. */
  public Sample {
    Objects.requireNonNull(origin, "origin");
    if (!SampleId.safe(id)) {
      throw new IllegalArgumentException("\"" + id + "\" is no sample id");
    }
    if (!HASH.matcher(imageHash).matches() || !HASH.matcher(maskHash).matches()) {
      throw new IllegalArgumentException("sample " + id + " needs SHA-256 hashes in hex");
    }
    area = Collections.unmodifiableMap(new TreeMap<>(area));
  }

  /** The sample of an image and its mask as they are now. */
  static Sample of(
      String id, SampleOrigin origin, String imageHash, LabelMap mask, ClassSet classes) {
    long[] histogram = mask.histogram();
    Map<String, Long> area = new TreeMap<>();
    for (int label = 0; label < histogram.length; label++) {
      if (histogram[label] > 0) {
        area.put(label == ClassSet.VOID ? VOID : classes.name(label), histogram[label]);
      }
    }
    return new Sample(id, origin, imageHash, Fingerprint.ofMask(mask), area);
  }

  /** The prompt that the image answers. */
  public String prompt() {
    return origin.prompt();
  }

  /** The names of the classes that the prompt asks for. */
  public List<String> classes() {
    return origin.classes();
  }

  /** The sample as one line of JSON, without a line break. */
  String toJson() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", id);
    fields.put("prompt", origin.prompt());
    fields.put("classes", origin.classes());
    fields.put("seed", origin.seed());
    fields.put("imageSha256", imageHash);
    fields.put("maskSha256", maskHash);
    fields.put("area", area);
    fields.put("provenance", origin.provenance());
    return Json.line(fields);
  }

  /**
   * The sample of a line of JSON.
   *
   * @param where what to call the line in an error
   * @throws InputException if a field is missing or not as it should be
   */
  static Sample parse(String line, String where) {
    JsonFields fields = JsonFields.parse(line, where);
    try {
      return new Sample(
          fields.text("id"),
          new SampleOrigin(
              fields.text("prompt"),
              fields.texts("classes"),
              fields.whole("seed"),
              fields.object("provenance")),
          fields.text("imageSha256"),
          fields.text("maskSha256"),
          fields.counts("area"));
    } catch (IllegalArgumentException e) {
      throw new InputException(where + ": " + e.getMessage(), e);
    }
  }
}
