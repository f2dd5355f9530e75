package org.syntagen.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.segmentation.Checkpoint;
import org.syntagen.segmentation.DeepLabV3;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Predictor;
import org.syntagen.segmentation.robustness.Corruption;
import org.syntagen.segmentation.robustness.RobustnessResult;
import org.syntagen.segmentation.robustness.RobustnessSuite;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen robustness}: checkpoints and labelled images to what remains of their mIoU. */
@Command(
    name = "robustness",
    description = {
      "Compare checkpoints on corrupted, attacked and unfamiliar images.",
      "The 15 corruptions of ImageNet-C in 5 severities, FGSM and PGD of 8 levels, and objects before",
      "the backgrounds of other images, which need exact masks, as scenes and VOC devkits have them.",
      "Writes index.html, a report of each checkpoint and result.json."
    },
    footer = {
      "",
      "Example: on the bundled test scenes",
      "  syntagen robustness --checkpoint a.safetensors --checkpoint b.safetensors --out robustness",
      "Example: on real images",
      "  syntagen robustness --checkpoint net.safetensors --data VOCdevkit/VOC2012 --list val \\",
      "    --shorter-side 520 --out robustness"
    })
final class RobustnessCommand implements Callable<Integer> {
  @Option(
      names = "--checkpoint",
      required = true,
      description = "Checkpoint file. May be repeated.")
  private List<Path> checkpoints;

  @Mixin private TestImagesOptions test;

  @Option(
      names = "--unfamiliar",
      description =
          "Dataset folder of images that show none of the classes, to be told from the "
              + "others; its masks are not opened.")
  private Path unfamiliar;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--out", required = true, description = "Folder of the results.")
  private Path out;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.use();
    Dataset dataset = test.open();
    Optional<LabeledImages> others =
        Optional.ofNullable(unfamiliar)
            .map(
                folder ->
                    LabeledImages.unlabeled(Dataset.openImages(folder, Dataset.DEFAULT_LIST)));
    RobustnessSuite suite =
        new RobustnessSuite(
            new Evaluator(dataset.classes()), LabeledImages.of(dataset), others, seed);
    // All before the first: a measurement takes long.
    checkpoints.forEach(checkpoint -> Networks.load(checkpoint, dataset.classes()).close());
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new InputException(out + ": this folder cannot be made; choose another --out", e);
    }
    List<RobustnessPage.Run> runs = new ArrayList<>();
    try {
      for (Path checkpoint : checkpoints) {
        RobustnessPage.Run run =
            measure(checkpoint, "run-%d.html".formatted(runs.size() + 1), suite);
        runs.add(run);
        System.out.println(line(run));
      }
      AtomicFile.writeText(out.resolve("index.html"), RobustnessPage.html(runs, dataset.size()));
      AtomicFile.writeText(out.resolve("result.json"), Json.pretty(summary(runs, dataset)));
    } catch (IOException e) {
      throw new UncheckedIOException(out + ": cannot be written: " + e.getMessage(), e);
    }
    System.out.println(out.resolve("index.html"));
    return 0;
  }

  /** Measures a network and writes its own page. */
  private RobustnessPage.Run measure(Path checkpoint, String report, RobustnessSuite suite)
      throws IOException {
    ClassSet classes = suite.evaluator().classes();
    Extremes extremes = new Extremes(classes);
    try (DeepLabV3 model = Networks.load(checkpoint, classes);
        Progress progress = new Progress("passes", suite.passes())) {
      Predictor predictor = new Predictor(model, test.shorterSide());
      RobustnessResult result = suite.measure(predictor, extremes::add, progress::step);
      String name = checkpoint.toString();
      AtomicFile.writeText(
          out.resolve(report),
          RunReport.html(
              name,
              Checkpoint.find(checkpoint),
              classes,
              result.clean(),
              extremes,
              Optional.of(result)));
      return new RobustnessPage.Run(name, report, result);
    }
  }

  private static String line(RobustnessPage.Run run) {
    RobustnessResult result = run.result();
    return "%s: mIoU %.2f, corrupted %.2f (%.1f %% lost), fgsm %.2f, pgd %.2f"
        .formatted(
            run.name(),
            100 * result.cleanMiou(),
            100 * result.mean(),
            100 * result.degradation(result.mean()),
            100 * result.attacked().get("fgsm"),
            100 * result.attacked().get("pgd"));
  }

  private Map<String, Object> summary(List<RobustnessPage.Run> runs, Dataset dataset) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("tool", Tool.NAME);
    summary.put("images", dataset.size());
    summary.put("dataset", dataset.recordedFingerprint().orElse(""));
    summary.put("seed", seed);
    summary.put("networks", runs.stream().map(RobustnessCommand::toMap).toList());
    return summary;
  }

  /** mIoU and what of it is lost in percent. */
  private static Map<String, Object> toMap(RobustnessPage.Run run) {
    RobustnessResult result = run.result();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("checkpoint", run.name());
    map.put("report", run.report());
    map.put("mIoU", 100 * result.cleanMiou());
    map.put("corruptedMIoU", 100 * result.mean());
    map.put("relativeDegradation", 100 * result.degradation(result.mean()));
    Map<String, Object> corruptions = new LinkedHashMap<>();
    for (Corruption corruption : Corruption.values()) {
      Map<String, Object> scores = new LinkedHashMap<>();
      scores.put(
          "mIoU", result.corrupted().get(corruption).stream().map(miou -> 100 * miou).toList());
      scores.put("relativeDegradation", 100 * result.degradation(result.mean(corruption)));
      corruptions.put(corruption.id(), scores);
    }
    map.put("corruptions", corruptions);
    Map<String, Object> attacks = new LinkedHashMap<>();
    result.attacked().forEach((attack, miou) -> attacks.put(attack, 100 * miou));
    map.put("attacks", attacks);
    result.swapped().ifPresent(miou -> map.put("swappedBackgrounds", 100 * miou));
    result
        .unfamiliar()
        .ifPresent(
            scores -> {
              map.put("unfamiliarByProbability", scores.probability());
              map.put("unfamiliarByEnergy", scores.energy());
            });
    return map;
  }
}
