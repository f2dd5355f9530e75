package org.syntagen.bench.competition;

import java.io.IOException;
import java.nio.file.Path;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.challenge.scoring.Predictions;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Metrics;

/**
 * Scores as many predictions as VOC 2012 val has images, of their usual size, unpacking included,
 * three times. Argument: a folder for the data.
 */
public final class ScoringBench {
  static final int IMAGES = 1449;
  static final BenchPairs PAIRS = new BenchPairs(500, 375);

  private ScoringBench() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Dataset truth = Dataset.open(PAIRS.write(folder.resolve("test"), IMAGES));
    Path zip = PAIRS.writePredictions(folder.resolve("predictions.zip"), IMAGES);
    for (int run = 0; run < 3; run++) {
      long start = System.nanoTime();
      try (UnpackedZip archive = UnpackedZip.of(zip, folder, Predictions.bounds(truth))) {
        Metrics metrics = Predictions.score(archive.folder(), truth);
        System.out.printf(
            "%d predictions: %.1f s, mIoU %s%n",
            truth.size(), (System.nanoTime() - start) / 1e9, 100 * metrics.meanIou());
      }
    }
  }
}
