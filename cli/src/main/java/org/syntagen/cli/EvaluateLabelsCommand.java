package org.syntagen.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code syntagen evaluate-labels}: masks against exact masks of the same images. */
@Command(
    name = "evaluate-labels",
    description = {
      "Measure masks against exact masks of the same images.",
      "Void in the masks counts as background, void in the exact ones not at all."
    },
    footer = {
      "",
      "Example: how well the bundled model labels rendered scenes",
      "  syntagen scenes --out scenes --count 100 --seed 5",
      "  syntagen label --data scenes --out labelled",
      "  syntagen evaluate-labels --labels labelled --truth scenes"
    })
final class EvaluateLabelsCommand implements Callable<Integer> {
  @Option(names = "--labels", required = true, description = "Dataset folder with the masks.")
  private Path labels;

  @Option(
      names = "--truth",
      required = true,
      description = "Dataset folder with exact masks, in the same order.")
  private Path truth;

  @Option(names = "--json", description = "Print the result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Dataset made = Dataset.open(labels);
    Dataset exact = Dataset.open(truth);
    if (made.size() != exact.size()) {
      throw new InputException(
          labels
              + " has "
              + made.size()
              + " masks, "
              + truth
              + " "
              + exact.size()
              + "; expected the same images in the same order");
    }
    LabelQuality.requireSameClasses(made, exact);
    ClassSet classes = exact.classes();
    LabelQuality quality = new LabelQuality(classes);
    try (Progress progress = new Progress("masks", made.size())) {
      for (int i = 0; i < made.size(); i++) {
        LabelMap mask = made.mask(i);
        LabelMap goal = exact.mask(i);
        if (mask.width() != goal.width() || mask.height() != goal.height()) {
          throw new InputException(
              made.maskFile(i) + " and " + exact.maskFile(i) + " differ in size; expected equal");
        }
        quality.add(goal, mask);
        progress.at(i + 1, "");
      }
    }
    if (json) {
      System.out.println(Json.line(quality.toMap()));
    } else {
      EvaluateCommand.printClasses(quality.metrics(), classes);
      System.out.printf(
          "mIoU %.2f over %d images, boundary IoU %.2f, pixel accuracy %.2f,"
              + " presence precision %.1f recall %.1f, void %.2f %%%n",
          quality.meanIou(),
          made.size(),
          quality.boundaryIou(),
          100 * quality.metrics().pixelAccuracy(),
          quality.presencePrecision(),
          quality.presenceRecall(),
          quality.voidShare());
    }
    return 0;
  }
}
