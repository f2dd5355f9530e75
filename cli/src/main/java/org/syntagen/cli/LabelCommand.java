package org.syntagen.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.DatasetWriter;
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
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syntagen label}: masks for images that exist already. */
@Command(
    name = "label",
    description = {
      "Label existing images with a diffusion model's attention.",
      "Each image is noised a little and shown to the model once a timestep. What it shows is taken",
      "from samples.jsonl: its prompt, and its classes. Run it again to go on after an interruption."
    },
    footer = {
      "",
      "Example: label rendered scenes, then compare with their exact masks",
      "  syntagen scenes --out scenes --count 100 --seed 5",
      "  syntagen label --data scenes --out labelled",
      "  syntagen evaluate-labels --labels labelled --truth scenes"
    })
final class LabelCommand implements Callable<Integer> {
  @Option(names = "--data", required = true, description = "Dataset folder with samples.jsonl.")
  private Path data;

  @Option(names = "--out", required = true, description = "Folder of the labelled dataset.")
  private Path out;

  @Option(
      names = "--model",
      description = {
        "Stable Diffusion 1.x or 2.x: folder in diffusers layout, or one .safetensors or .ckpt file.",
        "Default: the bundled syntagen-tiny."
      })
  private Path model;

  @Option(
      names = "--timesteps",
      split = ",",
      defaultValue = "200",
      description =
          "How far to noise images, 0 to 999, comma-separated. Default: ${DEFAULT-VALUE}.")
  private List<Long> timesteps;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the noise. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @ArgGroup(validate = false, heading = LabelerOptions.HEADING)
  private final LabelerOptions labels = new LabelerOptions();

  @ArgGroup(validate = false, heading = SingleFileOptions.HEADING)
  private final SingleFileOptions singleFile = new SingleFileOptions();

  @Override
  public Integer call() {
    Dataset images = Dataset.openImages(data, Dataset.DEFAULT_LIST);
    boolean bundled = model == null;
    try (ModelFolder.Loaded loaded =
        singleFile.load(bundled ? Tool.asset(Tool.MODEL) : model, List.of(), Dtype.F32)) {
      Labeler labeler = labels.labeler(bundled, images.classes());
      ImageScorer scorer =
          GenerateCommand.checked(
              () -> new ImageScorer(loaded.model(), labeler.attribution(), timesteps));
      Map<String, Object> parameters = labeler.toMap();
      parameters.put("modelFingerprint", loaded.fingerprint());
      parameters.put("timesteps", timesteps);
      DatasetHeader header =
          new DatasetHeader(
              "labelled",
              images.classes(),
              images.size(),
              seed,
              Map.of("kind", "images", "fingerprint", images.recordedFingerprint().orElse("")),
              parameters,
              Tool.NAME);
      int cores = Runtime.getRuntime().availableProcessors();
      PairGenerator.Effort effort = PairGenerator.Effort.suiting(loaded.elements(), cores, 0);
      try (DatasetWriter writer = DatasetWriter.open(out, header, Shard.WHOLE);
          Progress progress = new Progress("images", writer.missing().count())) {
        AtomicInteger done = new AtomicInteger();
        effort.run(
            writer.missing().toArray(),
            (index, going) -> {
              label(images, index, scorer, labeler.decision(), writer);
              progress.at(done.incrementAndGet(), "");
            });
        writer.finish();
      }
    }
    System.out.println(out + ": " + images.size() + " images labelled");
    return 0;
  }

  private void label(
      Dataset images, int index, ImageScorer scorer, Decision decision, DatasetWriter writer) {
    Prompt prompt = prompt(images, index, seed);
    var image = images.image(index);
    writer.write(
        index,
        image,
        decision.label(scorer.score(image, prompt), image),
        new SampleOrigin(
            prompt.caption(),
            prompt.labels().stream().map(images.classes()::name).toList(),
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
                            + "; labelling needs its prompt and classes"));
    List<Integer> wanted =
        sample.classes().stream().map(images.classes()::label).distinct().toList();
    return new Prompt(index, sample.prompt(), wanted, SampleSeed.of(seed, index));
  }
}
