package org.syntagen.diffusion.scheduler;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.syntagen.dataset.InputException;
import tools.jackson.databind.JsonNode;

/** Typed reading of a flat JSON object; absent and null values take the default. */
final class ConfigReader {
  private final JsonNode json;
  private final String origin;

  ConfigReader(JsonNode json, String origin) {
    this.json = json;
    this.origin = origin;
    if (!json.isObject()) {
      throw new InputException(origin + ": expected a JSON object");
    }
  }

  int integer(String key, int missing) {
    JsonNode value = json.path(key);
    if (absent(value)) {
      return missing;
    }
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw unexpected(key, value, "a whole number");
    }
    return value.intValue();
  }

  double number(String key, double missing) {
    JsonNode value = json.path(key);
    if (absent(value)) {
      return missing;
    }
    if (!value.isNumber()) {
      throw unexpected(key, value, "a number");
    }
    return value.doubleValue();
  }

  boolean flag(String key, boolean missing) {
    JsonNode value = json.path(key);
    if (absent(value)) {
      return missing;
    }
    if (!value.isBoolean()) {
      throw unexpected(key, value, "true or false");
    }
    return value.booleanValue();
  }

  String text(String key, String missing) {
    JsonNode value = json.path(key);
    if (absent(value)) {
      return missing;
    }
    if (!value.isString()) {
      throw unexpected(key, value, "a string");
    }
    return value.stringValue();
  }

  <E extends Enum<E>> E choice(String key, E missing) {
    String text = text(key, name(missing));
    E[] choices = missing.getDeclaringClass().getEnumConstants();
    for (E choice : choices) {
      if (name(choice).equals(text)) {
        return choice;
      }
    }
    throw unexpected(
        key,
        json.path(key),
        Arrays.stream(choices).map(ConfigReader::name).collect(Collectors.joining(", ")));
  }

  /**
   * Refuses every value of a key but those given.
   *
   * @param values as JSON text; none means that the key must be absent or null
   */
  void only(String key, String... values) {
    JsonNode value = json.path(key);
    if (!absent(value) && !List.of(values).contains(value.toString())) {
      throw unexpected(key, value, values.length == 0 ? "null" : String.join(" or ", values));
    }
  }

  /** The JSON name of a constant. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static boolean absent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private InputException unexpected(String key, JsonNode value, String expected) {
    String found = value.toString();
    if (found.length() > 40) {
      found = found.substring(0, 40) + "…";
    }
    return new InputException(origin + ": " + key + " is " + found + "; expected " + expected);
  }
}
