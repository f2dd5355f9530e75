package org.syntagen.dataset;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a JSON object that was read from a file, with one-line errors for those that are
 * missing or of another type. Whole numbers are {@link Long}, others {@link Double}.
 *
 * @param where what to call the object in an error, e.g. "samples.jsonl line 3"
 * @param fields the object's keys and values
 */
public record JsonFields(String where, Map<String, Object> fields) {

  /**
   * The fields of one JSON object.
   *
   * @throws InputException if the text is none
   */
  public static JsonFields parse(String text, String where) {
    return new JsonFields(where, Json.object(text, where));
  }

  public String text(String name) {
    if (fields.get(name) instanceof String value) {
      return value;
    }
    throw wrong(name, "a string");
  }

  public long whole(String name) {
    if (fields.get(name) instanceof Long value) {
      return value;
    }
    throw wrong(name, "a whole number");
  }

  /** A number, whole or not. */
  public double number(String name) {
    if (fields.get(name) instanceof Number value) {
      return value.doubleValue();
    }
    throw wrong(name, "a number");
  }

  /** The fields of an object within this one. */
  public JsonFields within(String name) {
    return new JsonFields(where + ": " + name, object(name));
  }

  @SuppressWarnings("unchecked")
  public Map<String, Object> object(String name) {
    if (fields.get(name) instanceof Map<?, ?> value) {
      return (Map<String, Object>) value;
    }
    throw wrong(name, "an object");
  }

  public List<String> texts(String name) {
    return list(name, String.class, "a list of strings");
  }

  /** The fields of each object in a list; none if there is no such field. */
  @SuppressWarnings("unchecked")
  public List<JsonFields> objects(String name) {
    if (!fields.containsKey(name)) {
      return List.of();
    }
    return list(name, Map.class, "a list of objects").stream()
        .map(value -> new JsonFields(where + ": " + name, (Map<String, Object>) value))
        .toList();
  }

  public List<Long> wholes(String name) {
    return list(name, Long.class, "a list of whole numbers");
  }

  /** Numbers, whole or not. */
  public List<Double> numbers(String name) {
    return list(name, Number.class, "a list of numbers").stream().map(Number::doubleValue).toList();
  }

  private <T> List<T> list(String name, Class<T> type, String expected) {
    if (fields.get(name) instanceof List<?> values && values.stream().allMatch(type::isInstance)) {
      return values.stream().map(type::cast).toList();
    }
    throw wrong(name, expected);
  }

  public boolean flag(String name) {
    if (fields.get(name) instanceof Boolean value) {
      return value;
    }
    throw wrong(name, "true or false");
  }

  Map<String, Long> counts(String name) {
    Map<String, Long> counts = new LinkedHashMap<>();
    object(name)
        .forEach(
            (key, value) -> {
              if (!(value instanceof Long count) || count < 0) {
                throw wrong(name, "an object of counts");
              }
              counts.put(key, count);
            });
    return counts;
  }

  /** A whole number that an int holds. */
  public int count(String name) {
    long value = whole(name);
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw wrong(name, "a whole number from 0 on");
    }
    return (int) value;
  }

  private InputException wrong(String name, String expected) {
    return new InputException(
        fields.containsKey(name)
            ? "%s: \"%s\" is not %s".formatted(where, name, expected)
            : "%s has no \"%s\"; expected %s".formatted(where, name, expected));
  }
}
