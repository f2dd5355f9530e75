package org.syntagen.challenge;

import com.fasterxml.jackson.annotation.Nulls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.erdtman.jcs.JsonCanonicalizer;
import org.syntagen.dataset.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.MapperBuilder;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Records as text. Reading is strict, since strangers write these files: every key must be known,
 * present, given once and of the right type; the record's own checks then have the last word. All
 * errors are one line with the line of the file.
 */
public final class Documents {
  private static final int MOST_BYTES = 4 << 20;

  private static final ObjectMapper JSON = strict(JsonMapper.builder()).build();
  private static final ObjectMapper YAML =
      strict(YAMLMapper.builder())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
          .build();

  private Documents() {}

  private static <B extends MapperBuilder<?, B>> B strict(B builder) {
    return builder
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(
            DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
            DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
            DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS);
  }

  /**
   * Reads a file of at most 4 MiB as UTF-8.
   *
   * @throws InputException if it is missing, larger or cannot be read
   */
  public static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new InputException(file + " is larger than 4 MiB; that is no file of this kind");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be read (%s)"
              .formatted(file, Files.exists(file) ? e.getMessage() : "there is no such file"),
          e);
    }
  }

  /**
   * The record of a JSON object with its components' names as keys.
   *
   * @param where what to call the text in an error
   * @throws InputException if the text is no such object
   */
  public static <T> T fromJson(String text, Class<T> type, String where) {
    return read(JSON, text, type, where);
  }

  /** As {@link #fromJson} from YAML, with keys in snake case. */
  static <T> T fromYaml(String text, Class<T> type, String where) {
    return read(YAML, text, type, where);
  }

  /**
   * The record in the one form that is hashed and signed: JSON by RFC 8785, keys sorted, no white
   * space.
   */
  public static String toCanonicalJson(Object document) {
    try {
      return new JsonCanonicalizer(JSON.writeValueAsString(document)).getEncodedString();
    } catch (IOException e) {
      throw new IllegalArgumentException("no canonical JSON of " + document, e);
    }
  }

  private static <T> T read(ObjectMapper mapper, String text, Class<T> type, String where) {
    T document;
    try {
      document = mapper.readValue(text, type);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? -1 : e.getLocation().getLineNr();
      throw new InputException(where + (line > 1 ? " line " + line : "") + ": " + reason(e), e);
    }
    if (document == null) {
      throw new InputException(where + " is empty");
    }
    return document;
  }

  private static String reason(JacksonException e) {
    String path =
        e.getPath().stream()
            .map(
                at ->
                    at.getPropertyName() == null
                        ? "[" + at.getIndex() + "]"
                        : "." + at.getPropertyName())
            .collect(Collectors.joining());
    String key = path.startsWith(".") ? path.substring(1) : path;
    if (e instanceof UnrecognizedPropertyException unknown) {
      return "the key %s is unknown; expected one of %s"
          .formatted(
              key,
              unknown.getKnownPropertyIds().stream()
                  .map(Object::toString)
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    if (e.getCause() instanceof IllegalArgumentException refused) {
      return (key.isEmpty() ? "" : key + ": ") + refused.getMessage();
    }
    if (e instanceof MismatchedInputException mismatch) {
      if (e.getOriginalMessage().startsWith("Missing creator property")) {
        return "the key " + key + " is missing";
      }
      return "%sexpected %s"
          .formatted(key.isEmpty() ? "" : key + ": ", kind(mismatch.getTargetType()));
    }
    return e instanceof StreamConstraintsException
        ? "is longer or deeper than any file of this kind"
        : "cannot be read: " + e.getOriginalMessage().replaceAll(" \\(start marker at .*", "");
  }

  /** What a reader calls the values of a type. */
  private static String kind(Class<?> type) {
    if (type == null) {
      return "another value";
    }
    if (type.isEnum()) {
      return "one of "
          + Stream.of(type.getEnumConstants())
              .map(Object::toString)
              .collect(Collectors.joining(", "));
    }
    if (type == int.class || type == long.class) {
      return "a whole number";
    }
    if (type == double.class) {
      return "a number";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    }
    if (type.isRecord() || Map.class.isAssignableFrom(type)) {
      return "keys and their values";
    }
    return type == String.class ? "text" : "a " + type.getSimpleName().toLowerCase(Locale.ROOT);
  }
}
