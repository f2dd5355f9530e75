package org.syntagen.diffusion;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.tensor.SafeTensors;
import org.syntagen.tensor.StateDict;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What diffusers computed with one of the small models of parity/diffusion, and a copy of the
 * model's folder.
 */
final class DiffusersFixture implements AutoCloseable {
  static final List<String> MODELS = List.of("sd1", "sd2");

  private final Path folder;
  private final JsonNode description;
  private final StateDict tensors;

  /**
   * @param folder where the model is copied to
   */
  DiffusersFixture(String model, Path folder) {
    this.folder = folder;
    copy(resource(model), folder);
    description = description(model);
    tensors = SafeTensors.read(resource(model + ".safetensors"));
  }

  /** The names of a model's runs. */
  static List<String> runs(String model) {
    return elements(description(model), "runs").map(run -> run.path("name").asString()).toList();
  }

  /** The model's texts: the negative prompt, then one prompt an image. */
  List<String> texts() {
    List<String> texts = new ArrayList<>(prompts());
    texts.add(0, negative());
    return texts;
  }

  List<String> prompts() {
    return elements(description, "prompts").map(JsonNode::asString).toList();
  }

  String negative() {
    return description.path("negative").asString();
  }

  long[] seeds() {
    return elements(description, "seeds").mapToLong(JsonNode::asLong).toArray();
  }

  /** The step whose attention was recorded. */
  int attentionStep() {
    return description.path("attentionStep").asInt();
  }

  /** A recorded tensor; the fixture owns it. */
  Tensor get(String name) {
    return tensors.get(name);
  }

  boolean contains(String name) {
    return tensors.contains(name);
  }

  /** The recorded maps of self- or cross-attention, in the order of the layers. */
  List<Tensor> attention(String kind) {
    return tensors.names().stream()
        .filter(name -> name.startsWith("attention.") && name.endsWith(kind))
        .sorted()
        .map(tensors::get)
        .toList();
  }

  GenerationSettings settings(String name) {
    JsonNode run = run(name);
    String type = run.path("scheduler").path("_class_name").asString();
    return new GenerationSettings(
        run.path("width").asInt(),
        run.path("height").asInt(),
        run.path("steps").asInt(),
        run.path("guidance").asDouble(),
        negative(),
        Arrays.stream(SchedulerKind.values())
            .filter(kind -> kind.className().equals(type))
            .findFirst()
            .orElseThrow());
  }

  /** The model with the scheduler_config.json of a run; the caller closes it. */
  ModelFolder.Loaded load(String name) {
    JsonNode run = run(name);
    ObjectNode scheduler = (ObjectNode) run.path("scheduler").deepCopy();
    scheduler.put("eta", run.path("eta").asDouble());
    ConfigJson.write(folder.resolve("scheduler").resolve("scheduler_config.json"), scheduler);
    return new ModelFolder(folder).load();
  }

  private JsonNode run(String name) {
    return elements(description, "runs")
        .filter(run -> run.path("name").asString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void close() {
    tensors.close();
  }

  private static JsonNode description(String model) {
    return ConfigJson.read(resource(model + ".json"));
  }

  private static Stream<JsonNode> elements(JsonNode node, String key) {
    return StreamSupport.stream(node.path(key).spliterator(), false);
  }

  private static Path resource(String name) {
    try {
      return Path.of(DiffusersFixture.class.getResource("parity/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
