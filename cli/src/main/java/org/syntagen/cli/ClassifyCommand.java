package org.syntagen.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.segmentation.ImageClassifier;
import org.syntagen.segmentation.NamedImages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code syntagen classify}: how often generated images show what was asked for. */
@Command(
    name = "classify",
    description = {
      "Tell how often a classifier names the prompted class in images of a single object.",
      "Images whose prompts name several classes are left out."
    },
    footer = {
      "",
      "Example: on generated pairs, with the bundled classifier",
      "  syntagen classify --data pairs"
    })
final class ClassifyCommand implements Callable<Integer> {
  @Option(names = "--data", required = true, description = "Dataset folder with samples.jsonl.")
  private Path data;

  @Option(
      names = "--classifier",
      description = "File of train-classifier. Default: the bundled one.")
  private Path file;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  /** Counts of a class. */
  private static final class Tally {
    private int images;
    private int right;

    private double share() {
      return 100.0 * right / images;
    }
  }

  @Mixin private DeviceOptions device;

  @Override
  public Integer call() {
    device.use();
    NamedImages images = new NamedImages(Dataset.openImages(data, Dataset.DEFAULT_LIST));
    Tally all = new Tally();
    Map<String, Tally> byClass = new TreeMap<>();
    Path model = file == null ? Tool.classifier() : file;
    try (ImageClassifier classifier = ImageClassifier.load(model);
        Progress progress = new Progress("images", images.size())) {
      for (int i = 0; i < images.size(); i++) {
        Set<String> asked = images.classes(i);
        if (asked.size() == 1) {
          String wanted = asked.iterator().next();
          String named = classifier.classNames().get(classifier.classify(images.load(i)));
          Tally own = byClass.computeIfAbsent(wanted, name -> new Tally());
          own.images++;
          all.images++;
          if (named.equals(wanted)) {
            own.right++;
            all.right++;
          }
        }
        progress.at(i + 1, "");
      }
    }
    if (all.images == 0) {
      throw new InputException(data + ": no prompt names exactly one class; nothing to measure");
    }
    print(all, byClass);
    return 0;
  }

  private void print(Tally all, Map<String, Tally> byClass) {
    if (json) {
      Map<String, Object> shares = new LinkedHashMap<>();
      byClass.forEach((name, tally) -> shares.put(name, tally.share()));
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("images", all.images);
      result.put("named", all.share());
      result.put("classes", shares);
      System.out.println(Json.line(result));
      return;
    }
    byClass.forEach(
        (name, tally) ->
            System.out.printf("%-12s %5.1f %% of %d%n", name, tally.share(), tally.images));
    System.out.printf("all          %5.1f %% of %d%n", all.share(), all.images);
  }
}
