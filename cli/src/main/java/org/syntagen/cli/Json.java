package org.syntagen.cli;

import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Machine-readable results. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static String line(Map<String, Object> result) {
    return MAPPER.writeValueAsString(result);
  }

  static String pretty(Map<String, Object> result) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n";
  }
}
