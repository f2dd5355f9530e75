package org.syntagen.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Prompt;
import org.syntagen.dataset.Sample;
import org.syntagen.dataset.SampleOrigin;
import org.syntagen.dataset.SampleSeed;
import org.syntagen.dataset.Shard;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.labeling.Decision;
import org.syntagen.labeling.ImageScorer;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.labeling.Presence;
import org.syntagen.labeling.Scores;
import org.syntagen.tensor.Device;
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen label}: masks for images that exist already. */
@Command(
    name = "label",
    description = {
      "Label existing images with a diffusion model.",
      "Each image is noised a little and shown to the model. What it shows is taken from",
      "samples.jsonl: its prompt and classes; with --classes all the model itself decides which",
      "classes are there. Run it again to go on after an interruption."
    },
    footer = {
      "",
      "Example: label rendered scenes, then compare with their exact masks",
      "  syntagen scenes --out scenes --count 100 --seed 5",
      "  syntagen label --data scenes --out labelled",
      "  syntagen evaluate-labels --labels labelled --truth scenes"
    })
final class LabelCommand implements Callable<Integer> {
  @Option(names = "--data", required = true, description = "Dataset folder; masks are not needed.")
  private Path data;

  @Option(names = "--out", required = true, description = "Folder of the labelled dataset.")
  private Path out;

  @Mixin private ModelOptions model;

  /** Which classes are looked for. */
  enum Wanted {
    /** Those of the image's line in samples.jsonl. */
    PROMPT,
    /** Those of the class set that the model finds; samples.jsonl is not read. */
    ALL
  }

  private static final String ANY_CAPTION = "a photo";

  @Option(
      names = "--classes",
      defaultValue = "prompt",
      description = "Look for the classes of the prompt, or for all. Default: ${DEFAULT-VALUE}.")
  private Wanted classes;

  @Option(
      names = "--teacher",
      description = {
        "A segmenter that was trained on first labels: scores are the mean of the labeler's and of",
        "the segmenter's probabilities."
      })
  private Path teacher;

  @Option(
      names = "--timesteps",
      split = ",",
      defaultValue = "200",
      description = {
        "How far to noise images, 0 to 999, comma-separated; their attention is averaged. Each has",
        "noise of its own, so 200,200 combines two seeds. Default: ${DEFAULT-VALUE}."
      })
  private List<Long> timesteps;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the noise. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--dtype",
      defaultValue = "F32",
      description =
          "Dtype of the weights: F32, or BF16 in half the memory. Default: ${DEFAULT-VALUE}.")
  private Dtype dtype;

  @Option(
      names = "--shard",
      defaultValue = "1/1",
      description = "i/n: label every n-th image only. Default: ${DEFAULT-VALUE}.")
  private String shard;

  @ArgGroup(validate = false, heading = LabelerOptions.HEADING)
  private final LabelerOptions labels = new LabelerOptions();

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.use();
    Dataset images = Dataset.openImages(data, Dataset.DEFAULT_LIST);
    List<Prompt> prompts = prompts(images);
    try (ModelFolder.Loaded loaded = model.load(List.of(), dtype);
        Teacher taught = teacher == null ? null : Teacher.load(teacher, images.classes())) {
      Labeler labeler = labels.labeler(model.bundled(), images.classes());
      Optional<Presence> presence =
          classes == Wanted.ALL
              ? Optional.of(TinyDefaults.presence(images.classes()))
              : Optional.empty();
      ImageScorer scorer =
          GenerateCommand.checked(
              () -> new ImageScorer(loaded.model(), labeler.attribution(), timesteps, presence));
      PromptCheck check = new PromptCheck(loaded.model().tokenizer(), System.err);
      asked(prompts).forEach(prompt -> check.look(prompt, labeler.attribution()));
      Map<String, Object> parameters = labeler.toMap();
      presence.ifPresent(which -> parameters.put("presence", which.toMap()));
      if (taught != null) {
        parameters.put("teacher", taught.toMap());
      }
      parameters.put("modelFingerprint", loaded.fingerprint());
      parameters.put("imageTimesteps", timesteps); // the contrast has timesteps of its own
      parameters.put("dtype", dtype.name());
      parameters.put("device", Device.current().id());
      DatasetHeader header =
          new DatasetHeader(
              "labelled",
              images.classes(),
              images.size(),
              seed,
              Map.of(
                  "kind",
                  "images",
                  "fingerprint",
                  images.recordedFingerprint().orElse(""),
                  "imagesAndCaptions",
                  fingerprint(images, prompts)),
              parameters,
              Tool.NAME);
      int cores = Runtime.getRuntime().availableProcessors();
      PairGenerator.Effort effort = PairGenerator.Effort.suiting(loaded.elements(), cores, 0);
      try (DatasetWriter writer = DatasetWriter.open(out, header, Shard.parse(shard));
          Progress progress = new Progress("images", writer.missing().count())) {
        AtomicInteger done = new AtomicInteger();
        effort.run(
            writer.missing().toArray(),
            (index, going) -> {
              label(images, prompts.get(index), scorer, taught, labeler.decision(), writer);
              progress.at(done.incrementAndGet(), "");
            });
        if (!writer.finish()) {
          System.out.println(out + ": this shard is done, other shards are missing");
          return 0;
        }
      }
    }
    System.out.println(out + ": " + images.size() + " images labelled");
    return 0;
  }

  private List<Prompt> prompts(Dataset images) {
    List<Integer> all = IntStream.range(1, images.classes().size()).boxed().toList();
    return IntStream.range(0, images.size())
        .mapToObj(
            index ->
                classes == Wanted.PROMPT
                    ? prompt(images, index, seed)
                    : new Prompt(index, ANY_CAPTION, all, SampleSeed.of(seed, index)))
        .toList();
  }

  /** What may be shown to the model: which of all classes stand together is not known yet. */
  private Stream<Prompt> asked(List<Prompt> prompts) {
    return classes == Wanted.PROMPT
        ? prompts.stream()
        : prompts.stream()
            .limit(1)
            .flatMap(any -> any.labels().stream().map(label -> any.withLabels(List.of(label))));
  }

  /**
   * A hash of all images, captions and classes, which tells other ones apart from these.
   *
   * @throws InputException if an image cannot be read, before hours of work with the others
   */
  private static String fingerprint(Dataset images, List<Prompt> prompts) {
    try (Progress progress = new Progress("images looked at", prompts.size())) {
      List<String> lines =
          prompts.parallelStream()
              .map(
                  prompt -> {
                    String image = Fingerprint.ofImage(images.image(prompt.index()));
                    progress.step();
                    return String.join(
                        "\t",
                        images.ids().get(prompt.index()),
                        image,
                        prompt.labels().toString(),
                        prompt.caption());
                  })
              .toList();
      return Fingerprint.ofText(String.join("\n", lines));
    }
  }

  private void label(
      Dataset images,
      Prompt prompt,
      ImageScorer scorer,
      Teacher taught, // null: none
      Decision decision,
      DatasetWriter writer) {
    int index = prompt.index();
    var image = images.image(index);
    ImageScorer.Seen seen = scorer.score(image, prompt);
    Scores scores = taught == null ? seen.scores() : taught.agreed(image, seen.scores());
    writer.write(
        index,
        image,
        decision.label(scores, image),
        new SampleOrigin(
            seen.prompt().caption(),
            seen.prompt().labels().stream().map(images.classes()::name).toList(),
            prompt.seed(),
            Map.of("source", images.ids().get(index))));
  }

  /** What an image of a dataset shows, by its line in samples.jsonl. */
  static Prompt prompt(Dataset images, int index, long seed) {
    Sample sample =
        images
            .sample(index)
            .orElseThrow(
                () ->
                    new InputException(
                        images.folder()
                            + ": samples.jsonl has no line for "
                            + images.ids().get(index)
                            + "; labelling needs its prompt and classes, or --classes all"));
    if (sample.prompt().isBlank()) {
      throw new InputException(
          "%s: the prompt of %s in samples.jsonl is empty; expected what the image shows"
              .formatted(images.folder(), images.ids().get(index)));
    }
    List<Integer> wanted =
        sample.classes().stream().map(images.classes()::label).distinct().toList();
    return new Prompt(index, sample.prompt(), wanted, SampleSeed.of(seed, index));
  }
}
