package org.syntagen.cli;

import java.util.Map;
import java.util.stream.Stream;
import org.syntagen.challenge.Documents;
import org.syntagen.challenge.Rules;
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
import org.syntagen.server.Models;
import org.syntagen.tensor.Threads;

/**
 * The generation that a manifest records, to be run again sample by sample. The model is loaded for
 * the first of them. Belongs to one thread.
 */
final class RecordedGeneration implements Models.Generation {
  private final Manifest manifest;
  private final Rules rules;
  private final ModelShelf shelf;
  private ModelFolder.Loaded loaded; // null until the first sample
  private Runnable threads; // as they were before it
  private PairGenerator pairs;
  private PromptTemplates prompts;

  /**
   * @param rules that the manifest's pairs keep: what is recorded may say otherwise
   */
  RecordedGeneration(Manifest manifest, Rules rules, ModelShelf shelf) {
    this.manifest = manifest;
    this.rules = rules;
    this.shelf = shelf;
  }

  @Override
  public Dataset.Pair pair(String id) {
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
    if (recorded.fields().containsKey("initialImages")) {
      throw new InputException(
          recorded.where() + ": the generation started from images, which a package does not hold");
    }
    ClassSet classes = ClassSet.VOC;
    Labeler labeler =
        GenerateCommand.checked(
            () ->
                new RecordedLabeler(classes, shelf::tokens)
                    .of(fields("labelerProvenance", manifest.labelerProvenance())));
    GenerationSettings settings = GenerateCommand.checked(() -> settings(recorded));
    if (settings.width() != rules.width() || settings.height() != rules.height()) {
      throw new InputException(
          "%s: its images have %d×%d pixels; expected %d×%d"
              .formatted(
                  recorded.where(),
                  settings.width(),
                  settings.height(),
                  rules.width(),
                  rules.height()));
    }
    loaded = shelf.model(recorded);
    StableDiffusion engine =
        GenerateCommand.checked(
            () ->
                loaded
                    .model()
                    .withEmbeddings(shelf.embeddings(recorded))
                    .withClipSkip(recorded.count("clipSkip")));
    engine.requireSize(settings.width(), settings.height());
    if (!Documents.toCanonicalJson(engine.schedulerConfig().toMap())
        .equals(Documents.toCanonicalJson(recorded.object("schedulerConfig")))) {
      throw new InputException("the model's scheduler_config.json is not the recorded one");
    }
    int cores = Runtime.getRuntime().availableProcessors();
    threads = Threads.current();
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

  @Override
  public void close() {
    if (loaded != null) {
      loaded.close();
    }
    if (threads != null) {
      threads.run();
    }
  }
}
