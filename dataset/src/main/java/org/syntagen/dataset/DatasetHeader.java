package org.syntagen.dataset;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * What a dataset is a function of. A run may be resumed, or shared between workers, only with equal
 * headers.
 *
 * @param name what the dataset is called
 * @param classes the classes of its masks
 * @param count how many samples it holds, 1 to 1 000 000
 * @param seed the dataset's seed, 0 to 2<sup>53</sup> - 1
 * @param generator what made the images: "kind" and everything that the pixels depend on
 * @param labeler what made the masks: "kind" and its parameters
 * @param tool name and version of the program
 */
public record DatasetHeader(
    String name,
    ClassSet classes,
    int count,
    long seed,
    Map<String, Object> generator,
    Map<String, Object> labeler,
    String tool) {
  /** The version of the layout that this code reads and writes. */
  static final int FORMAT = 1;

  /**
   * Checks count and seed; the maps are kept with sorted keys.
   *
   * @throws InputException if count or seed is out of range
   */
  public DatasetHeader {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(classes, "classes");
    Objects.requireNonNull(tool, "tool");
    generator = Json.normalized(generator);
    labeler = Json.normalized(labeler);
    if (count < 1 || count > SampleId.BOUND) {
      throw new InputException(
          "the count of samples is %d; expected 1 to %d".formatted(count, SampleId.BOUND));
    }
    if (seed < 0 || seed >= SampleSeed.BOUND) {
      throw new InputException(
          "the seed is %d; expected 0 to %d".formatted(seed, SampleSeed.BOUND - 1));
    }
  }

  /** The header as the first fields of a JSON object. */
  Map<String, Object> toFields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("format", (long) FORMAT);
    fields.put("name", name);
    fields.put("classes", classes.names());
    fields.put("words", classes.words());
    fields.put("count", (long) count);
    fields.put("seed", seed);
    fields.put("generator", generator);
    fields.put("labeler", labeler);
    fields.put("tool", tool);
    return fields;
  }

  /**
   * The header in a JSON object.
   *
   * @throws InputException if a field is missing, or the layout is newer than this program
   */
  static DatasetHeader parse(JsonFields fields) {
    long format = fields.whole("format");
    if (format != FORMAT) {
      throw new InputException(
          "%s has format %d, this program reads %d; use the version that wrote it"
              .formatted(fields.where(), format, FORMAT));
    }
    try {
      return new DatasetHeader(
          fields.text("name"),
          new ClassSet(fields.texts("classes"), fields.texts("words")),
          (int) Math.min(Integer.MAX_VALUE, Math.max(0, fields.whole("count"))),
          fields.whole("seed"),
          fields.object("generator"),
          fields.object("labeler"),
          fields.text("tool"));
    } catch (IllegalArgumentException | InputException e) {
      String where = fields.where();
      String message = e.getMessage();
      throw new InputException(message.startsWith(where) ? message : where + ": " + message, e);
    }
  }

  /**
   * Checks that a run with this header may go on in a folder that was begun with another one.
   *
   * @param begun the header of the run in the folder
   * @param folder the folder, for the error
   * @throws InputException naming the first setting that differs
   */
  void checkResumes(DatasetHeader begun, Object folder) {
    String difference = difference("", begun.toFields(), toFields());
    if (difference != null) {
      throw new InputException(
          "%s holds a run with other settings: %s; use the same settings or another folder"
              .formatted(folder, difference));
    }
  }

  private static String difference(String path, Map<?, ?> then, Map<?, ?> now) {
    TreeSet<String> keys = new TreeSet<>();
    then.keySet().forEach(key -> keys.add((String) key));
    now.keySet().forEach(key -> keys.add((String) key));
    for (String key : keys) {
      Object a = then.get(key);
      Object b = now.get(key);
      if (Objects.equals(a, b)) {
        continue;
      }
      if (a instanceof Map<?, ?> inThen && b instanceof Map<?, ?> inNow) {
        return difference(path + key + ".", inThen, inNow);
      }
      return "%s%s was %s and is now %s".formatted(path, key, shown(a), shown(b));
    }
    return null;
  }

  private static String shown(Object value) {
    String text = value == null ? "not set" : value.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
