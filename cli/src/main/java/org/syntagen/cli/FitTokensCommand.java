package org.syntagen.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.labeling.LearnedTokens;
import org.syntagen.labeling.PairGenerator;
import org.syntagen.labeling.TokenFit;
import org.syntagen.labeling.TokenFit.Fitted;
import org.syntagen.tensor.Dtype;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen fit-tokens}: labelled images to tokens for the labeler ovam. */
@Command(
    name = "fit-tokens",
    description = {
      "Fit tokens for --labeler ovam to the labels of some images.",
      "Each class gets a row for the background and one for itself, so that an image's attention",
      "over the two is its mask. Masks are those of another labeler: no human needs to draw any."
    },
    footer = {
      "",
      "Example: from labels of the default labeler",
      "  syntagen generate --out pairs --count 200",
      "  syntagen fit-tokens --data pairs --out tokens.safetensors",
      "  syntagen label --data pairs --out relabelled --labeler ovam --tokens tokens.safetensors"
    })
final class FitTokensCommand implements Callable<Integer> {
  /** Smaller or larger regions, as shares of an image, teach little. */
  private static final double LEAST_SHARE = 0.05;

  private static final double MOST_SHARE = 0.95;

  @Option(
      names = "--data",
      required = true,
      description = "Dataset folder with masks and samples.jsonl.")
  private Path data;

  @Option(names = "--out", required = true, description = "Token file (.safetensors).")
  private Path out;

  @Mixin private ModelOptions model;

  @Option(
      names = "--images",
      defaultValue = "5",
      description = {
        "Images a class, the first that show it on 5 to 95 %% of their pixels.",
        "Default: ${DEFAULT-VALUE}."
      })
  private int images;

  @Option(
      names = "--steps",
      description = "Of gradient descent, a class. Default: that published, 800.")
  private Integer steps;

  @Option(
      names = "--learning-rate",
      description = "At first; times 0.7 every 120 steps. Default: that published, 100.")
  private Double learningRate;

  @Option(
      names = "--timesteps",
      split = ",",
      defaultValue = "200",
      description = "How far to noise images, 0 to 999. Default: ${DEFAULT-VALUE}.")
  private List<Long> timesteps;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of the noise. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    OutputFile.requireFolder(out);
    device.use();
    if (images < 1) {
      throw new InputException("--images " + images + ": tokens need at least one image a class");
    }
    Dataset dataset = Dataset.open(data);
    ClassSet classes = dataset.classes();
    TokenFit.Parameters published = TokenFit.Parameters.published();
    TokenFit.Parameters parameters =
        GenerateCommand.checked(
            () ->
                new TokenFit.Parameters(
                    steps == null ? published.steps() : steps,
                    learningRate == null ? published.learningRate() : learningRate,
                    published.decay(),
                    published.decayEvery()));
    Map<Integer, List<Integer>> chosen = chosen(dataset);
    if (chosen.isEmpty()) {
      throw new InputException(
          data + ": no image shows a class on 5 to 95 % of its pixels; fit tokens on others");
    }
    try (ModelFolder.Loaded loaded = model.load(List.of(), Dtype.F32)) {
      TokenFit fit =
          GenerateCommand.checked(
              () -> new TokenFit(loaded.model(), classes, parameters, timesteps));
      int cores = Runtime.getRuntime().availableProcessors();
      Map<Integer, Fitted> fitted = new TreeMap<>();
      try (Progress progress = new Progress("classes", chosen.size())) {
        PairGenerator.Effort.suiting(loaded.elements(), cores, 0)
            .run(
                chosen.keySet().stream().mapToInt(Integer::intValue).toArray(),
                (label, going) -> {
                  Fitted result = fit.fit(label, examples(dataset, chosen.get(label)));
                  synchronized (fitted) {
                    fitted.put(label, result);
                  }
                  progress.step();
                });
      }
      Map<String, float[]> rows = new TreeMap<>();
      fitted.forEach((label, result) -> rows.put(classes.name(label), result.rows()));
      Map<String, Object> about = new TreeMap<>(parameters.toMap());
      about.put("images", images);
      about.put("timesteps", timesteps);
      about.put("seed", seed);
      about.put("data", dataset.recordedFingerprint().orElse(""));
      about.put("modelFingerprint", loaded.fingerprint());
      LearnedTokens.write(out, rows, Map.of("syntagen", Json.line(about)));
      fitted.forEach(
          (label, result) ->
              System.out.printf(
                  "%-12s %2d images  loss %.4f -> %.4f%n",
                  classes.name(label), chosen.get(label).size(), result.before(), result.after()));
    }
    System.out.println(out);
    return 0;
  }

  /** For each class that is shown, the images to learn from. */
  private Map<Integer, List<Integer>> chosen(Dataset dataset) {
    Map<Integer, List<Integer>> chosen = new TreeMap<>();
    for (int i = 0; i < dataset.size(); i++) {
      LabelMap mask = dataset.mask(i);
      long[] area = mask.histogram();
      double pixels = (double) mask.width() * mask.height();
      for (int label = 1; label < dataset.classes().size(); label++) {
        double share = area[label] / pixels;
        if (share >= LEAST_SHARE && share <= MOST_SHARE) {
          List<Integer> some = chosen.computeIfAbsent(label, key -> new ArrayList<>());
          if (some.size() < images) {
            some.add(i);
          }
        }
      }
    }
    return chosen;
  }

  private List<TokenFit.Example> examples(Dataset dataset, List<Integer> positions) {
    return positions.stream()
        .map(
            i ->
                new TokenFit.Example(
                    dataset.image(i), LabelCommand.prompt(dataset, i, seed), dataset.mask(i)))
        .toList();
  }
}
