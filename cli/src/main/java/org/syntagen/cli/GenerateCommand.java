package org.syntagen.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.PromptTemplates;
import org.syntagen.dataset.Shard;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.InitialImages;
import org.syntagen.diffusion.Lora;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.diffusion.text.TextualInversion;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen generate}: class names and a model to a dataset of pairs. */
@Command(
    name = "generate",
    description = {
      "Generate images and their masks from nothing but class names.",
      "Run it again to go on after an interruption; the result is the same."
    },
    footer = {
      "",
      "Example: 100 pairs from the bundled model",
      "  syntagen generate --out pairs --count 100 --seed 7",
      "Example: half of the work on each of two machines, then together",
      "  syntagen generate --out a --count 100 --shard 1/2",
      "  syntagen generate --out b --count 100 --shard 2/2",
      "  cp -r b/. a && syntagen generate --out a --count 100"
    })
final class GenerateCommand implements Callable<Integer> {
  @Option(names = "--out", required = true, description = "Folder of the dataset.")
  private Path out;

  @Option(names = "--count", required = true, description = "How many pairs, at most 10000.")
  private int count;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private ModelOptions model;

  @Option(
      names = "--classes",
      split = ",",
      description = "Class names to ask for, comma-separated. Default: all 20 of PASCAL VOC.")
  private List<String> classNames = List.of();

  @Option(
      names = "--shard",
      defaultValue = "1/1",
      description = "i/n: make every n-th pair only. Default: ${DEFAULT-VALUE}.")
  private String shard;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @ArgGroup(validate = false, heading = "%nAdvanced:%n")
  private final Advanced advanced = new Advanced();

  @ArgGroup(validate = false, heading = LabelerOptions.HEADING)
  private final LabelerOptions labels = new LabelerOptions();

  /** How images are sampled. */
  static final class Advanced {
    private static final double DEFAULT_STRENGTH = 0.8; // diffusers'

    @Option(
        names = "--size",
        description = "Width and height in pixels. Default: what the model was trained on.")
    private Integer size;

    @Option(
        names = "--steps",
        defaultValue = "25",
        description = "Denoising steps. Default: ${DEFAULT-VALUE}.")
    private int steps = 25;

    @Option(
        names = "--guidance",
        defaultValue = "5",
        description = "Scale of classifier-free guidance. Default: ${DEFAULT-VALUE}.")
    private double guidance = 5;

    @Option(
        names = "--guidance-rescale",
        defaultValue = "0",
        description =
            "0 to 1: take back contrast that guidance adds, for v-prediction. Default: ${DEFAULT-VALUE}.")
    private double guidanceRescale;

    @Option(names = "--negative", defaultValue = "", description = "Negative prompt.")
    private String negative = "";

    @Option(
        names = "--embedding",
        paramLabel = "FILE",
        description = {
          "Textual inversion of diffusers or AUTOMATIC1111 (.safetensors, .bin, .pt); repeatable.",
          "Its word, in prompts such as --negative, is the tensor's name or else the file's."
        })
    private List<Path> embeddings = List.of();

    @Option(
        names = "--clip-skip",
        defaultValue = "0",
        description = {
          "Leave out so many of the text encoder's last layers, for models trained so.",
          "As in diffusers; AUTOMATIC1111's \"Clip skip\" is one more. Default: ${DEFAULT-VALUE}."
        })
    private int clipSkip;

    @Option(
        names = "--scheduler",
        defaultValue = "DDIM",
        description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private SchedulerKind scheduler = SchedulerKind.DDIM;

    @Option(
        names = "--batch",
        description = {
          "Images under way at once; without influence on the result.",
          "Default: one a core for small models, else 1."
        })
    private int batch;

    @Option(
        names = "--dtype",
        defaultValue = "F32",
        description = {
          "What the model's weights are kept in: F32, or BF16 for half the memory.",
          "Default: ${DEFAULT-VALUE}."
        })
    private Dtype dtype = Dtype.F32;

    @Option(
        names = "--lora",
        paramLabel = "FILE[:SCALE]",
        description = {
          "LoRA to merge into the model, in diffusers' or kohya's names; may be repeated. Weights take",
          "32 bits until it is merged, whatever --dtype says.",
          "Default scale: 1."
        })
    private List<String> loras = List.of();

    @Option(
        names = "--init-image",
        description = {
          "Start from an image of the generated size instead of noise alone, or from a folder of such:",
          "pair i from image i mod n in the order of their names."
        })
    private Path initImage;

    @Option(
        names = "--strength",
        description =
            "With --init-image: share of the steps that is taken, 0 to 1. Default: "
                + DEFAULT_STRENGTH
                + ".")
    private Double strength;

    @Option(
        names = "--tiles",
        negatable = true,
        description = {
          "Encode and decode images larger than the model was trained on in tiles, or never",
          "(--no-tiles).",
          "Default: if the machine has not the memory for them whole."
        })
    private Boolean tiles;

    /** Null to start from noise. */
    private InitialImages initialImages(GenerationSettings settings, int count) {
      if (initImage == null) {
        if (strength != null) {
          throw new InputException("--strength is for --init-image: give both or leave it out");
        }
        return null;
      }
      return checked(
          () ->
              InitialImages.read(
                  initImage, strength == null ? DEFAULT_STRENGTH : strength, settings, count));
    }

    private boolean inTiles(ModelFolder.Loaded loaded, int size) {
      return size > loaded.model().nativeSize()
          && (tiles == null ? Tiling.needed(loaded, size) : tiles);
    }
  }

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.use();
    return Interruption.guard(out, this::generate);
  }

  private int generate(Interruption interruption) {
    if (count < 1 || count > 10_000) {
      throw new InputException("--count " + count + ": a dataset has 1 to 10000 pairs");
    }
    ClassSet classes = ClassSet.VOC;
    List<Integer> wanted = new ArrayList<>();
    for (String name : classNames) {
      int label = foregroundLabel(classes, name.strip());
      if (wanted.contains(label)) {
        throw new InputException("--classes: %s is given twice".formatted(classes.name(label)));
      }
      wanted.add(label);
    }
    if (wanted.isEmpty()) {
      for (int label = 1; label < classes.size(); label++) {
        wanted.add(label);
      }
    }
    List<Lora> loras = advanced.loras.stream().map(Lora::parse).toList();
    try (ModelFolder.Loaded loaded = model.load(loras, advanced.dtype)) {
      List<TextualInversion> embeddings =
          advanced.embeddings.stream().map(TextualInversion::read).toList();
      StableDiffusion engine =
          checked(() -> loaded.model().withEmbeddings(embeddings).withClipSkip(advanced.clipSkip));
      int size = advanced.size == null ? engine.nativeSize() : advanced.size;
      engine.requireSize(size, size);
      GenerationSettings settings =
          checked(
              () ->
                  new GenerationSettings(
                      size,
                      size,
                      advanced.steps,
                      advanced.guidance,
                      advanced.negative,
                      advanced.scheduler,
                      advanced.guidanceRescale));
      Labeler labeler = labels.labeler(model.bundled(), classes);
      InitialImages initial = advanced.initialImages(settings, count);
      engine.requireSchedule(
          settings,
          initial == null ? OptionalDouble.empty() : OptionalDouble.of(initial.strength()));
      boolean tiled = advanced.inTiles(loaded, size);
      int cores = Runtime.getRuntime().availableProcessors();
      PairGenerator.Effort effort =
          checked(() -> PairGenerator.Effort.suiting(loaded.elements(), cores, advanced.batch));
      Map<String, Object> generator =
          Provenance.generator(
              engine,
              loaded.fingerprint(),
              settings,
              advanced.dtype,
              wanted.stream().map(classes::name).toList());
      generator.put("loras", loaded.loras().stream().map(Provenance::of).toList());
      generator.put("clipSkip", advanced.clipSkip);
      generator.put("embeddings", embeddings.stream().map(Provenance::of).toList());
      if (initial != null) {
        generator.put("initialImages", Provenance.of(initial));
      }
      if (tiled) {
        generator.put("autoencoderTile", loaded.model().nativeSize());
      }
      DatasetHeader header =
          new DatasetHeader(
              "generated", classes, count, seed, generator, labeler.toMap(), Tool.NAME);
      PairGenerator pairs =
          new PairGenerator(
              tiled ? engine.inTiles() : engine,
              settings,
              labeler,
              classes,
              initial,
              Provenance.about(loaded.fingerprint(), advanced.clipSkip, embeddings));
      PromptTemplates prompts = new PromptTemplates(classes, wanted, seed);
      PromptCheck check = new PromptCheck(engine.tokenizer(), System.err);
      check.look(settings.negativePrompt());
      IntStream.range(0, count).forEach(i -> check.look(prompts.prompt(i), labeler.attribution()));
      embeddings.forEach(check::requireUse);
      return fill(pairs, header, prompts, effort, interruption);
    }
  }

  private int fill(
      PairGenerator pairs,
      DatasetHeader header,
      PromptTemplates prompts,
      PairGenerator.Effort effort,
      Interruption interruption) {
    boolean finished;
    try (DatasetWriter writer = DatasetWriter.open(out, header, Shard.parse(shard))) {
      long missing = writer.missing().count();
      try (Progress progress = new Progress("pairs", missing)) {
        pairs.fill(
            writer,
            prompts,
            effort,
            index -> progress.step(),
            (step, steps, latents) -> interruption.check());
      }
      finished = writer.finish();
    }
    if (!finished) {
      System.out.println(out + ": this shard is done, other shards are missing");
      return 0;
    }
    String fingerprint = Dataset.open(out).recordedFingerprint().orElseThrow();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dataset", out.toString());
    result.put("pairs", count);
    result.put("fingerprint", fingerprint);
    System.out.println(
        json ? Json.line(result) : out + ": " + count + " pairs, fingerprint " + fingerprint);
    return 0;
  }

  static int foregroundLabel(ClassSet classes, String name) {
    int label = classes.label(name);
    if (label == 0) {
      throw new InputException("--classes: background is no class to ask for");
    }
    return label;
  }

  /** A record's complaint about a value becomes the user's error line. */
  static <T> T checked(Supplier<T> build) {
    try {
      return build.get();
    } catch (IllegalArgumentException e) {
      throw new InputException(e.getMessage());
    }
  }
}
