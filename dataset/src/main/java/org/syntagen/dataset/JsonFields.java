package org.syntagen.dataset;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of a JSON object that was read from a file, with one-line errors for those that are
 * missing or of another type.
 *
 * @param where what to call the object in an error, e.g. "samples.jsonl line 3"
 * @param fields the object as {@link Json#object} returns it
 */
record JsonFields(String where, Map<String, Object> fields) {

  static JsonFields parse(String text, String where) {
    return new JsonFields(where, Json.object(text, where));
  }

  String text(String name) {
    if (fields.get(name) instanceof String value) {
      return value;
    }
    throw wrong(name, "a string");
  }

  long whole(String name) {
    if (fields.get(name) instanceof Long value) {
      return value;
    }
    throw wrong(name, "a whole number");
  }

  @SuppressWarnings("unchecked")
  Map<String, Object> object(String name) {
    if (fields.get(name) instanceof Map<?, ?> value) {
      return (Map<String, Object>) value;
    }
    throw wrong(name, "an object");
  }

  List<String> texts(String name) {
    if (fields.get(name) instanceof List<?> values) {
      List<String> texts = new ArrayList<>();
      for (Object value : values) {
        if (!(value instanceof String text)) {
          throw wrong(name, "a list of strings");
        }
        texts.add(text);
      }
      return texts;
    }
    throw wrong(name, "a list of strings");
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

  private InputException wrong(String name, String expected) {
    return new InputException(
        fields.containsKey(name)
            ? "%s: \"%s\" is not %s".formatted(where, name, expected)
            : "%s has no \"%s\"; expected %s".formatted(where, name, expected));
  }
}
