package org.syntagen.dataset;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON as this module writes it: objects with sorted keys, so that equal values have equal text,
 * and as it reads it: strictly, with errors that say where.
 */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  // With its own line break, because the platform's would change the bytes.
  private static final DefaultPrettyPrinter PRETTY =
      new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n"));

  private Json() {}

  /** The value on a single line. */
  static String line(Map<String, ?> value) {
    return MAPPER.writeValueAsString(value);
  }

  /** The value indented for readers, with a final line break. */
  static String pretty(Map<String, ?> value) {
    return MAPPER.writer().with(PRETTY).writeValueAsString(value) + "\n";
  }

  /**
   * Reads one object; its numbers become {@link Long} or {@link Double}.
   *
   * @param where what to call the text in an error, e.g. "samples.jsonl line 3"
   * @throws InputException if the text is not one JSON object
   */
  @SuppressWarnings("unchecked")
  static Map<String, Object> object(String text, String where) {
    Object parsed;
    try {
      parsed = MAPPER.readValue(text, Object.class);
    } catch (StreamReadException e) {
      String reason = e.getOriginalMessage().replaceAll(" \\(start marker at .*", "");
      throw new InputException(where + " is not valid JSON: " + reason, e);
    } catch (JacksonException e) {
      throw new InputException(where + " is not one JSON object of sensible size and depth", e);
    }
    if (!(parsed instanceof Map)) {
      throw new InputException(where + " is not a JSON object");
    }
    try {
      return (Map<String, Object>) normalized(parsed);
    } catch (IllegalArgumentException e) {
      throw new InputException(where + " holds a value out of range: " + e.getMessage(), e);
    }
  }

  /**
   * A deep, unmodifiable copy in which keys are sorted, whole numbers are {@link Long} and others
   * {@link Double}.
   *
   * @throws IllegalArgumentException for values that JSON does not know
   */
  static Map<String, Object> normalized(Map<String, ?> map) {
    Map<String, Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(key, normalized(value)));
    return Collections.unmodifiableMap(sorted);
  }

  @SuppressWarnings("unchecked")
  private static Object normalized(Object value) {
    if (value instanceof Map<?, ?> map) {
      return normalized((Map<String, ?>) map);
    }
    if (value instanceof Collection<?> values) {
      List<Object> list = new ArrayList<>();
      values.forEach(element -> list.add(normalized(element)));
      return Collections.unmodifiableList(list);
    }
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float) {
      // Through text, so that 7.5e-4f stays 7.5E-4 and does not show the bits beyond a float.
      return normalized(Double.valueOf(value.toString()));
    }
    if (value instanceof Double number && !Double.isFinite(number)) {
      throw new IllegalArgumentException("JSON knows no number " + number);
    }
    if (value == null
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Long
        || value instanceof Double) {
      return value;
    }
    throw new IllegalArgumentException(
        value.getClass().getSimpleName() + " " + value + " cannot be kept in JSON");
  }
}
