package org.syntagen.segmentation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.syntagen.dataset.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The values of a {@link TrainingConfig} by name, as small YAML files give them. The bundled recipe
 * "competition" has every key; what another recipe leaves out is as there. Immutable.
 */
public final class Recipe {
  /** The bundled recipes. */
  public static final List<String> NAMES = List.of("competition", "mmseg", "quick");

  private static final long MOST_BYTES = 1 << 20;
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String where;
  private final ObjectNode values;

  private Recipe(String where, ObjectNode values) {
    this.where = where;
    this.values = values;
  }

  /**
   * A bundled recipe or one in a file.
   *
   * @param nameOrFile one of {@link #NAMES}, or else a path
   * @throws InputException if there is no such file, it is no YAML, or it has an unknown key
   */
  public static Recipe of(String nameOrFile) {
    if (NAMES.contains(nameOrFile)) {
      return bundled(nameOrFile);
    }
    Path file = Path.of(nameOrFile);
    try {
      if (!Files.isRegularFile(file)) {
        throw new InputException(
            "there is no recipe \"%s\"; choose one of %s, or a file"
                .formatted(nameOrFile, String.join(", ", NAMES)));
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new InputException(file + " is larger than 1 MiB; that is no recipe");
      }
      return bundled(NAMES.get(0)).overlaid(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new InputException(file + " cannot be read as text: " + e.getMessage(), e);
    }
  }

  private static Recipe bundled(String name) {
    String file = name + ".yaml";
    Recipe complete = new Recipe(file, parse(resource(NAMES.get(0) + ".yaml"), file));
    return complete.overlaid(resource(file), file);
  }

  private static String resource(String file) {
    try (InputStream in = Recipe.class.getResourceAsStream("recipes/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode parse(String yaml, String where) {
    try {
      if (YAML.readTree(yaml) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new InputException(where + " is no YAML: " + e.getOriginalMessage(), e);
    }
    throw new InputException(where + " is no recipe; expected lines of the form \"key: value\"");
  }

  private Recipe overlaid(String yaml, String from) {
    Recipe result = new Recipe(from, values);
    for (var entry : parse(yaml, from).properties()) {
      result = result.with(entry.getKey(), entry.getValue());
    }
    return result;
  }

  /**
   * The recipe with another value.
   *
   * @param value in YAML's notation, e.g. {@code 0.01}
   * @throws InputException if no recipe has that key
   */
  public Recipe with(String key, String value) {
    try {
      return with(key, YAML.readTree(value));
    } catch (JacksonException e) {
      throw new InputException("%s: \"%s\" is no value".formatted(key, value), e);
    }
  }

  private Recipe with(String key, JsonNode value) {
    if (!values.has(key)) {
      throw new InputException(
          "%s: there is no key \"%s\"; expected one of %s"
              .formatted(where, key, String.join(", ", values.propertyNames())));
    }
    ObjectNode changed = values.deepCopy();
    changed.set(key, value);
    return new Recipe(where, changed);
  }

  /**
   * The configuration of a run.
   *
   * @throws InputException if a value is of another type or out of range
   */
  public TrainingConfig config(InitialWeights start) {
    return new TrainingConfig(
        Backbone.named(text("backbone")),
        start,
        flag("mask_trained_start"),
        whole("iterations"),
        number("seconds"),
        whole("batch_size"),
        whole("accumulation"),
        number("average_decay"),
        wholes("shares"),
        new Optimization(
            Optimizer.named(text("optimizer")),
            number("learning_rate"),
            number("warmup"),
            number("weight_decay"),
            number("backbone_rate"),
            number("auxiliary_rate"),
            number("gradient_norm")),
        number("auxiliary_loss"),
        new Augmentation(
            whole("base_size"),
            whole("crop_size"),
            number("least_scale"),
            number("most_scale"),
            number("cat_max_ratio"),
            number("color_jitter")),
        Precision.named(text("precision")),
        seed());
  }

  private String text(String key) {
    return value(key, values.get(key).isString(), "a name").stringValue();
  }

  private boolean flag(String key) {
    return value(key, values.get(key).isBoolean(), "true or false").booleanValue();
  }

  private double number(String key) {
    return value(key, values.get(key).isNumber(), "a number").doubleValue();
  }

  private int whole(String key) {
    return value(key, values.get(key).isInt(), "a whole number").intValue();
  }

  private List<Integer> wholes(String key) {
    JsonNode list = values.get(key);
    boolean holds = list.isArray() && list.valueStream().allMatch(JsonNode::isInt);
    return value(key, holds, "a list of whole numbers")
        .valueStream()
        .map(JsonNode::intValue)
        .toList();
  }

  private long seed() {
    JsonNode seed = values.get("seed");
    return value("seed", seed.isInt() || seed.isLong(), "a whole number").longValue();
  }

  private JsonNode value(String key, boolean holds, String expected) {
    if (!holds) {
      throw new InputException(
          "%s: %s is %s; expected %s".formatted(where, key, values.get(key), expected));
    }
    return values.get(key);
  }
}
