package org.syntagen.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.segmentation.ConfusionMatrix;
import org.syntagen.segmentation.Metrics;
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
    ClassSet classes = exact.classes();
    ConfusionMatrix matrix = new ConfusionMatrix(classes.size());
    long unsure = 0;
    long pixels = 0;
    try (Progress progress = new Progress("masks", made.size())) {
      for (int i = 0; i < made.size(); i++) {
        LabelMap mask = made.mask(i);
        LabelMap goal = exact.mask(i);
        if (mask.width() != goal.width() || mask.height() != goal.height()) {
          throw new InputException(
              made.maskFile(i) + " and " + exact.maskFile(i) + " differ in size; expected equal");
        }
        byte[] prediction = mask.labels().clone();
        for (int p = 0; p < prediction.length; p++) {
          if ((prediction[p] & 255) == ClassSet.VOID) {
            prediction[p] = 0;
            unsure++;
          }
        }
        pixels += prediction.length;
        matrix.add(goal.labels(), prediction);
        progress.at(i + 1, "");
      }
    }
    print(Metrics.of(matrix, classes), classes, made.size(), 100.0 * unsure / pixels);
    return 0;
  }

  private void print(Metrics metrics, ClassSet classes, int images, double voidShare) {
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("mIoU", 100 * metrics.meanIou());
      result.put("pixelAccuracy", 100 * metrics.pixelAccuracy());
      result.put("voidShare", voidShare);
      result.put("images", images);
      result.put("classIoU", EvaluateCommand.classIou(metrics, classes));
      System.out.println(Json.line(result));
      return;
    }
    EvaluateCommand.printClasses(metrics, classes);
    System.out.printf(
        "mIoU %.2f over %d images, pixel accuracy %.2f, void %.2f %%%n",
        100 * metrics.meanIou(), images, 100 * metrics.pixelAccuracy(), voidShare);
  }
}
