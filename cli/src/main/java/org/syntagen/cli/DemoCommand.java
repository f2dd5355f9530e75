package org.syntagen.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.syntagen.dataset.AtomicFile;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetHeader;
import org.syntagen.dataset.DatasetWriter;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.PromptTemplates;
import org.syntagen.dataset.Shard;
import org.syntagen.dataset.scenes.CutoutLibrary;
import org.syntagen.dataset.scenes.SceneComposer;
import org.syntagen.dataset.scenes.SceneDataset;
import org.syntagen.dataset.scenes.SceneOptions;
import org.syntagen.diffusion.GenerationSettings;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.StepListener;
import org.syntagen.diffusion.scheduler.SchedulerKind;
import org.syntagen.labeling.Labeler;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.segmentation.EvaluationResult;
import org.syntagen.segmentation.Evaluator;
import org.syntagen.segmentation.InitialWeights;
import org.syntagen.segmentation.LabeledImages;
import org.syntagen.segmentation.Predictor;
import org.syntagen.segmentation.Recipe;
import org.syntagen.segmentation.Trainer;
import org.syntagen.segmentation.TrainingConfig;
import org.syntagen.segmentation.TrainingResult;
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syntagen demo}: the whole job on the bundled model, from class names to a report. */
@Command(
    name = "demo",
    description = {
      "Run the whole job on the bundled model, from class names to mIoU.",
      "Prompts, images, masks from attention, a segmenter trained on them, mIoU on held-out scenes,",
      "and a report. The same segmenter is also trained as long on rendered scenes with exact masks,",
      "for comparison."
    },
    footer = {"", "Example:", "  syntagen demo --out demo"})
final class DemoCommand implements Callable<Integer> {
  private static final int PICTURES = 12;

  @Option(
      names = "--out",
      defaultValue = "runs/demo",
      description = "Folder of everything. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--count",
      defaultValue = "400",
      description = "Pairs to generate and scenes to render. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--train-seconds",
      defaultValue = "300",
      description = "Time for each of the two trainings. Default: ${DEFAULT-VALUE}.")
  private int trainSeconds;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  public Integer call() {
    if (count < 2 || count > 10_000 || trainSeconds < 1) {
      throw new InputException("--count must be 2 to 10000 and --train-seconds at least 1");
    }
    ClassSet classes = ClassSet.VOC;
    Dataset test = Dataset.open(Tool.asset(Tool.TEST_SCENES));
    CutoutLibrary library = CutoutLibrary.read(Tool.asset(Tool.CUTOUTS));
    Path synthetic = out.resolve("synthetic");
    List<PairGenerator.Pair> shown = generate(synthetic, classes);
    Path rendered = out.resolve("rendered");
    SceneComposer composer = new SceneComposer(library, SceneOptions.defaults());
    try (Progress progress = new Progress("rendered scenes", count)) {
      SceneDataset.write(
          rendered,
          composer,
          SceneDataset.header(composer, "rendered", count, seed, Tool.NAME),
          Shard.WHOLE,
          done -> progress.step());
    }
    InitialWeights start = InitialWeights.read(Tool.classifier());
    Outcome onSynthetic = train("synthetic", Dataset.open(synthetic), test, start);
    Outcome onRendered = train("rendered", Dataset.open(rendered), test, start);
    Map<String, Object> result = result(onSynthetic, onRendered, classes, synthetic);
    result.put("initialWeights", start.fingerprint());
    try {
      AtomicFile.writeText(
          out.resolve("report.html"),
          new DemoReport(classes, test, result)
              .render(
                  shown,
                  onSynthetic.curve,
                  onRendered.curve,
                  onSynthetic.evaluation,
                  onRendered.evaluation,
                  onSynthetic.labels,
                  onRendered.labels));
      AtomicFile.writeText(out.resolve("result.json"), Json.pretty(result));
    } catch (IOException e) {
      throw new UncheckedIOException(out + ": the report cannot be written: " + e.getMessage(), e);
    }
    System.out.printf(
        "mIoU %.2f on %d held-out scenes (rendered scenes with exact masks: %.2f, ratio %.2f;"
            + " all background: %.2f) -> %s%n",
        100 * onSynthetic.miou(),
        test.size(),
        100 * onRendered.miou(),
        onSynthetic.miou() / onRendered.miou(),
        100 * onSynthetic.evaluation.baseline().meanIou(),
        out.resolve("report.html"));
    return 0;
  }

  private List<PairGenerator.Pair> generate(Path folder, ClassSet classes) {
    try (ModelFolder.Loaded loaded = new ModelFolder(Tool.asset(Tool.MODEL)).load()) {
      int size = loaded.model().nativeSize();
      GenerationSettings settings =
          new GenerationSettings(size, size, 20, 4, "", SchedulerKind.DDIM);
      Labeler labeler = TinyDefaults.labeler(classes);
      List<Integer> labels = IntStream.range(1, classes.size()).boxed().toList();
      DatasetHeader header =
          new DatasetHeader(
              "synthetic",
              classes,
              count,
              seed,
              Provenance.generator(
                  loaded.model(),
                  loaded.fingerprint(),
                  settings,
                  Dtype.F32,
                  labels.stream().map(classes::name).toList()),
              labeler.toMap(),
              Tool.NAME);
      PairGenerator pairs =
          new PairGenerator(
              loaded.model(),
              settings,
              labeler,
              classes,
              null,
              Provenance.about(loaded.fingerprint(), 0, List.of()));
      PromptTemplates prompts = new PromptTemplates(classes, labels, seed);
      int cores = Runtime.getRuntime().availableProcessors();
      PairGenerator.Effort effort = PairGenerator.Effort.suiting(loaded.elements(), cores, 0);
      try (DatasetWriter writer = DatasetWriter.open(folder, header, Shard.WHOLE);
          Progress progress = new Progress("pairs", writer.missing().count())) {
        pairs.fill(writer, prompts, effort, index -> progress.step(), StepListener.NONE);
        writer.finish();
      }
      return IntStream.range(0, Math.min(PICTURES, count))
          .mapToObj(index -> pairs.generate(prompts.prompt(index)))
          .toList();
    }
  }

  /** A training with its loss curve, its score and its labels of the first test images. */
  private record Outcome(
      List<double[]> curve, int iterations, EvaluationResult evaluation, List<LabelMap> labels) {
    double miou() {
      return evaluation.metrics().meanIou();
    }
  }

  private Outcome train(String name, Dataset data, Dataset test, InitialWeights start) {
    // Small pictures, and as many steps as the time allows.
    TrainingConfig config =
        Recipe.of("quick")
            .with("base_size", "96")
            .with("crop_size", "96")
            .with("iterations", "1000000")
            .with("seconds", Integer.toString(trainSeconds))
            .with("seed", Long.toString(seed))
            .config(start);
    List<double[]> curve = new ArrayList<>();
    try (Progress progress = new Progress("training on " + name + " (seconds)", trainSeconds);
        TrainingResult trained =
            new Trainer(config, data.classes(), LabeledImages.of(data))
                .train(
                    step ->
                        progress.at(
                            Math.round(step.done() * trainSeconds),
                            "loss %.3f".formatted(step.loss())))) {
      trained.history().forEach(point -> curve.add(new double[] {point.iteration(), point.loss()}));
      List<LabelMap> labels = new ArrayList<>();
      EvaluationResult evaluation =
          new Evaluator(data.classes())
              .evaluate(
                  new Predictor(trained.model(), 0),
                  LabeledImages.of(test),
                  (image, found) -> labels.add(found));
      return new Outcome(curve, trained.iterations(), evaluation, labels.subList(0, PICTURES));
    }
  }

  private Map<String, Object> result(
      Outcome synthetic, Outcome rendered, ClassSet classes, Path folder) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("tool", Tool.NAME);
    result.put("seed", seed);
    result.put("pairs", count);
    result.put("mIoU", 100 * synthetic.miou());
    result.put("renderedMIoU", 100 * rendered.miou());
    result.put("ratio", synthetic.miou() / rendered.miou());
    result.put("baselineMIoU", 100 * synthetic.evaluation.baseline().meanIou());
    result.put("trainSeconds", trainSeconds);
    result.put("iterations", synthetic.iterations);
    result.put("renderedIterations", rendered.iterations);
    result.put("fingerprint", Dataset.open(folder).recordedFingerprint().orElseThrow());
    result.put("synthetic", EvaluateCommand.summary(synthetic.evaluation, classes));
    result.put("rendered", EvaluateCommand.summary(rendered.evaluation, classes));
    return result;
  }
}
