package org.syntagen.diffusion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON files of a model folder: bounded reading, whole writing, and values of a known type,
 * whose absence or wrong type is an {@link IllegalArgumentException} without the file's name.
 */
final class ConfigJson {
  private static final long MAX_BYTES = 1 << 20;

  // diffusers writes -Infinity in scheduler files.
  static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private ConfigJson() {}

  /** One object; an {@link InputException} names the file if there is none. */
  static JsonNode read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new InputException(
            file + ": no such file; a model folder in diffusers layout has it");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new InputException(file + ": larger than " + MAX_BYTES + " bytes");
      }
      JsonNode node = MAPPER.readTree(Files.readAllBytes(file));
      if (!node.isObject()) {
        throw new InputException(file + ": not a JSON object");
      }
      return node;
    } catch (JacksonException e) {
      throw new InputException(file + ": not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  /** Writes the file whole, creating its folder. */
  static void write(Path file, JsonNode node) {
    createFolders(file.getParent());
    try {
      AtomicFile.writeText(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  static int integer(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isInt()) {
      throw new IllegalArgumentException(key + " is " + value + ", expected an integer");
    }
    return value.asInt();
  }

  static double number(JsonNode node, String key, double missing) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return missing;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException(key + " is " + value + ", expected a number");
    }
    return value.asDouble();
  }

  static boolean flag(JsonNode node, String key, boolean missing) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return missing;
    }
    if (!value.isBoolean()) {
      throw new IllegalArgumentException(key + " is " + value + ", expected true or false");
    }
    return value.asBoolean();
  }

  static List<Integer> integers(JsonNode node, String key) {
    JsonNode value = node.path(key);
    if (!value.isArray() || value.size() > 16) {
      throw new IllegalArgumentException(key + " is " + value + ", expected a list of integers");
    }
    List<Integer> integers = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isInt()) {
        throw new IllegalArgumentException(key + " is " + value + ", expected a list of integers");
      }
      integers.add(item.asInt());
    }
    return integers;
  }

  static void createFolders(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be created", e);
    }
  }
}
