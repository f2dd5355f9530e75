package org.syntagen.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.syntagen.cli.LabelComparison.Calibrated;
import org.syntagen.cli.LabelComparison.Candidates;
import org.syntagen.cli.LabelComparison.Row;
import org.syntagen.cli.LabelerOptions.Method;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.labeling.Attribution;
import org.syntagen.labeling.ClassText;
import org.syntagen.labeling.ColorSegments;
import org.syntagen.labeling.Daam;
import org.syntagen.labeling.DatasetDiffusion;
import org.syntagen.labeling.Decision;
import org.syntagen.labeling.Ovam;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.labeling.Spread;
import org.syntagen.labeling.Thresholds;
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen compare-labelers}: every labeler on the same images, in one table. */
@Command(
    name = "compare-labelers",
    description = {
      "Measure every labeler on the same images with exact masks.",
      "Each one's parameters are those with the highest mIoU on the images of --calibration, which",
      "must not be held-out ones. Writes index.html with the worst cases, examples.png and result.json."
    },
    footer = {
      "",
      "Example: on the bundled held-out scenes",
      "  syntagen scenes --out scenes --count 100 --seed 7",
      "  syntagen compare-labelers --calibration scenes --out comparison"
    })
final class CompareLabelersCommand implements Callable<Integer> {
  @Option(
      names = "--calibration",
      required = true,
      description = "Dataset folder with exact masks and samples.jsonl, for choosing parameters.")
  private Path calibration;

  @Option(
      names = "--data",
      description = "The same, to measure on. Default: the bundled held-out scenes.")
  private Path data;

  @Option(names = "--out", required = true, description = "Folder of the results.")
  private Path out;

  @Mixin private ModelOptions model;

  @Option(
      names = "--timesteps",
      split = ",",
      defaultValue = "200",
      description =
          "How far to noise images for their attention, 0 to 999. Default: ${DEFAULT-VALUE}.")
  private List<Long> timesteps;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.use();
    Dataset choosing = Dataset.open(calibration);
    choosing
        .header()
        .filter(header -> "test".equals(header.generator().get("split")))
        .ifPresent(
            header -> {
              throw new InputException(
                  calibration
                      + ": these are held-out scenes, which may not choose parameters; render others"
                      + " with syntagen scenes");
            });
    Dataset measuring = Dataset.open(data == null ? Tool.asset(Tool.TEST_SCENES) : data);
    LabelQuality.requireSameClasses(choosing, measuring);
    List<Row> rows = new ArrayList<>();
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new InputException(out + ": this folder cannot be made; choose another --out");
    }
    try (ModelFolder.Loaded loaded = model.load(List.of(), Dtype.F32)) {
      int cores = Runtime.getRuntime().availableProcessors();
      LabelComparison comparison =
          new LabelComparison(
              loaded.model(),
              timesteps,
              seed,
              PairGenerator.Effort.suiting(loaded.elements(), cores, 0));
      for (Candidates candidates : candidates(measuring.classes())) {
        int all = candidates.attributions().size() * choosing.size() + measuring.size();
        try (Progress progress = new Progress(candidates.name(), all)) {
          Calibrated calibrated =
              comparison.calibrate(candidates, choosing, done -> progress.step());
          rows.add(comparison.measure(calibrated, measuring, done -> progress.step()));
        }
        System.out.println(line(rows.get(rows.size() - 1)));
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("tool", Tool.NAME);
      result.put("modelFingerprint", loaded.fingerprint());
      result.put("timesteps", timesteps);
      result.put("seed", seed);
      result.put("calibration", about(choosing));
      result.put("data", about(measuring));
      result.put("labelers", rows.stream().map(CompareLabelersCommand::toMap).toList());
      ComparisonPage page = new ComparisonPage(measuring);
      BufferedImage examples = page.examples(rows);
      Images.writePng(out.resolve("examples.png"), examples);
      AtomicFile.writeText(out.resolve("index.html"), page.render(rows, examples));
      AtomicFile.writeText(out.resolve("result.json"), Json.pretty(result));
    } catch (IOException e) {
      throw new UncheckedIOException(out + ": cannot be written: " + e.getMessage(), e);
    }
    System.out.println(out.resolve("index.html"));
    return 0;
  }

  /** The known labelers as published, with thresholds; then those with a dense CRF. */
  private static List<Candidates> candidates(ClassSet classes) {
    List<Decision> thresholds =
        IntStream.rangeClosed(4, 16)
            .mapToObj(i -> (Decision) new Thresholds(i / 20.0, i / 20.0))
            .toList();
    List<Decision> refinements =
        IntStream.rangeClosed(3, 12)
            .mapToObj(i -> (Decision) TinyDefaults.decision(i / 20.0))
            .toList();
    List<Attribution> attentions = new ArrayList<>();
    for (ClassText text : List.of(ClassText.JOINED, ClassText.SENTENCES)) {
      for (int[] each : new int[][] {{4, 2, 4}, {4, 2, 1}, {2, 2, 0}, {2, 2, 1}, {2, 2, 2}}) {
        attentions.add(
            new DatasetDiffusion(
                new DatasetDiffusion.Parameters(text, false, each[0], each[1], each[2]), classes));
      }
    }
    Function<Method, List<Attribution>> only =
        method ->
            List.of(
                method.attribution(TinyDefaults.attention(), Ovam.Parameters.published(), classes));
    return List.of(
        new Candidates(
            Method.DATASET_DIFFUSION_REFERENCE.id(),
            only.apply(Method.DATASET_DIFFUSION_REFERENCE),
            List.of(Method.DATASET_DIFFUSION_REFERENCE.thresholds())),
        new Candidates(Method.DATASET_DIFFUSION.id(), attentions, thresholds),
        new Candidates(Method.DAAM.id(), only.apply(Method.DAAM), thresholds),
        new Candidates(
            Method.DAAM.id() + " + spread",
            List.of(new Spread(new Daam(classes), 1), new Spread(new Daam(classes), 2)),
            thresholds),
        new Candidates(Method.OVAM.id(), only.apply(Method.OVAM), thresholds),
        new Candidates(
            Method.PCC.id(),
            only.apply(Method.PCC),
            List.of(ColorSegments.published(), TinyDefaults.segments())),
        new Candidates(Method.DAAM.id() + " + crf", only.apply(Method.DAAM), refinements),
        new Candidates(Method.OVAM.id() + " + crf", only.apply(Method.OVAM), refinements),
        new Candidates(
            Method.DATASET_DIFFUSION.id() + " + crf",
            only.apply(Method.DATASET_DIFFUSION),
            refinements),
        new Candidates(Method.CONTRAST.id() + " + crf", only.apply(Method.CONTRAST), refinements),
        new Candidates(Method.MEAN.id() + " + crf", only.apply(Method.MEAN), refinements));
  }

  private static String line(Row row) {
    return "%-30s mIoU %5.2f  boundary IoU %5.2f  precision %5.1f recall %5.1f  void %4.1f %%  %.2f s"
        .formatted(
            row.calibrated().name(),
            row.quality().meanIou(),
            row.quality().boundaryIou(),
            row.quality().presencePrecision(),
            row.quality().presenceRecall(),
            row.quality().voidShare(),
            row.secondsAnImage());
  }

  private static Map<String, Object> toMap(Row row) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", row.calibrated().name());
    map.put("labeler", row.calibrated().labeler().toMap());
    map.put("calibrationMIoU", row.calibrated().miou());
    map.putAll(row.quality().toMap());
    map.put("secondsAnImage", row.secondsAnImage());
    return map;
  }

  private static Map<String, Object> about(Dataset dataset) {
    return Map.of(
        "images", dataset.size(), "fingerprint", dataset.recordedFingerprint().orElse(""));
  }
}
