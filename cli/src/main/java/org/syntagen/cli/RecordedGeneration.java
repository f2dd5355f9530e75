package org.syntagen.cli;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.submission.Manifest;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.JsonFields;
import org.syntagen.dataset.PromptTemplates;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.labeling.RecordedLabeler;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Threads;

/**
 * The generation that a manifest records, to be run again sample by sample. The model is loaded for
 * the first of them.
 */
final class RecordedGeneration implements AutoCloseable {
  /** Loads the model that the verifier gives, with weights of a type. */
  interface ModelSource extends Function<Dtype, ModelFolder.Loaded> {}

  private final Manifest manifest;
  private final ModelSource source;
  private ModelFolder.Loaded loaded; // null until the first sample
  private PairGenerator pairs;
  private PromptTemplates prompts;

  RecordedGeneration(Manifest manifest, ModelSource source) {
    this.manifest = manifest;
    this.source = source;
  }

  /**
   * Makes a sample again.
   *
   * @throws InputException if the manifest records no generation that can be run, or that of
   *     another model
   */
  Dataset.Pair pair(String id) {
    if (pairs == null) {
      open();
    }
    if (!id.matches("[0-9]{6}")) {
      throw new InputException("its id is no index of six digits");
    }
    PairGenerator.Pair pair = pairs.generate(prompts.prompt(Integer.parseInt(id)));
    return new Dataset.Pair(pair.image(), pair.mask());
  }

  private void open() {
    JsonFields recorded = fields("generatorProvenance", manifest.generatorProvenance());
    require(recorded, "kind", "stable-diffusion");
    require(recorded, "prompts", "templates");
    requireNoFiles(recorded);
    ClassSet classes = ClassSet.VOC;
    Labeler labeler =
        GenerateCommand.checked(
            () ->
                RecordedLabeler.of(
                    fields("labelerProvenance", manifest.labelerProvenance()), classes));
    GenerationSettings settings = GenerateCommand.checked(() -> settings(recorded));
    loaded = source.apply(GenerateCommand.checked(() -> Dtype.valueOf(recorded.text("dtype"))));
    require(recorded, "modelFingerprint", loaded.fingerprint());
    StableDiffusion engine =
        GenerateCommand.checked(() -> loaded.model().withClipSkip(recorded.count("clipSkip")));
    engine.requireSize(settings.width(), settings.height());
    if (!Documents.toCanonicalJson(engine.schedulerConfig().toMap())
        .equals(Documents.toCanonicalJson(recorded.object("schedulerConfig")))) {
      throw new InputException("the model's scheduler_config.json is not the recorded one");
    }
    int cores = Runtime.getRuntime().availableProcessors();
    Threads.set(PairGenerator.Effort.suiting(loaded.elements(), cores, 0).threads(), 1);
    prompts =
        new PromptTemplates(
            classes,
            recorded.texts("classes").stream().map(classes::label).toList(),
            manifest.seed());
    pairs =
        new PairGenerator(
            recorded.fields().containsKey("autoencoderTile") ? engine.inTiles() : engine,
            settings,
            labeler,
            classes,
            null,
            Map.of());
  }

  private static JsonFields fields(String name, Map<String, Object> provenance) {
    return JsonFields.parse(Documents.toCanonicalJson(provenance), Manifest.FILE + ": " + name);
  }

  private static GenerationSettings settings(JsonFields recorded) {
    String name = recorded.text("scheduler");
    SchedulerKind scheduler =
        Stream.of(SchedulerKind.values())
            .filter(kind -> kind.className().equals(name))
            .findFirst()
            .orElseThrow(() -> new InputException("there is no scheduler " + name));
    return new GenerationSettings(
        recorded.count("width"),
        recorded.count("height"),
        recorded.count("steps"),
        recorded.number("guidance"),
        recorded.text("negativePrompt"),
        scheduler,
        recorded.number("guidanceRescale"));
  }

  private static void require(JsonFields recorded, String name, String expected) {
    if (!recorded.text(name).equals(expected)) {
      throw new InputException(
          "%s: %s is %s; expected %s"
              .formatted(recorded.where(), name, recorded.text(name), expected));
    }
  }

  private static void requireNoFiles(JsonFields recorded) {
    for (String name : List.of("loras", "embeddings", "initialImages")) {
      Object files = recorded.fields().get(name);
      if (files != null && !files.equals(List.of())) {
        throw new InputException(
            "%s: the generation used %s, which a package does not hold"
                .formatted(recorded.where(), name));
      }
    }
  }

  @Override
  public void close() {
    if (loaded != null) {
      loaded.close();
    }
  }
}
