package org.syntagen.challenge.scoring;

import java.awt.Dimension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.syntagen.challenge.check.DatasetCheck;
import org.syntagen.challenge.check.UnpackedZip;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;

/**
 * A team's label maps of the private test images: one palette PNG an image, named by the image's
 * id, values 0 to classes − 1 and never void.
 */
public final class Predictions {
  private static final long MOST_BYTES_EACH = 8 << 20;

  private Predictions() {}

  /** What an archive of predictions may hold. */
  public static UnpackedZip.Bounds bounds(Dataset truth) {
    return new UnpackedZip.Bounds(2 * truth.size() + 100, truth.size() * MOST_BYTES_EACH);
  }

  /**
   * The score over all test images: one confusion matrix of all pixels, as {@code evaluate} counts
   * them.
   *
   * @param folder where the predictions lie
   * @param truth the test images with their masks
   * @throws InputException naming the first prediction that is missing, has another size than its
   *     image, or holds an illegal label
   */
  public static Metrics score(Path folder, Dataset truth) {
    ConfusionMatrix counts =
        IntStream.range(0, truth.size())
            .parallel()
            .mapToObj(i -> counts(folder, truth, i))
            .reduce(Predictions::sum)
            .orElseThrow();
    return Metrics.of(counts, truth.classes());
  }

  private static ConfusionMatrix counts(Path folder, Dataset truth, int position) {
    String name = truth.ids().get(position) + ".png";
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new InputException(
          "%s is missing; expected one PNG for each of the %d test images"
              .formatted(name, truth.size()));
    }
    LabelMap expected = truth.mask(position);
    LabelMap found = read(folder, file, expected, truth.classes());
    ConfusionMatrix counts = new ConfusionMatrix(truth.classes().size());
    try {
      counts.add(expected.labels(), found.labels());
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s holds void (255); expected a class, 0 to %d, for every pixel"
              .formatted(name, truth.classes().size() - 1),
          e);
    }
    return counts;
  }

  /** Reads a prediction whose header is looked at before any pixel is decoded. */
  private static LabelMap read(Path folder, Path file, LabelMap expected, ClassSet classes) {
    try {
      Dimension size = Images.size(file);
      if (size.width != expected.width() || size.height != expected.height()) {
        throw new InputException(
            "%s is %d×%d pixels; expected %d×%d, the size of its image"
                .formatted(file, size.width, size.height, expected.width(), expected.height()));
      }
      return LabelMap.read(file, classes);
    } catch (InputException e) {
      throw new InputException(DatasetCheck.relative(folder, e.getMessage()), e);
    }
  }

  private static ConfusionMatrix sum(ConfusionMatrix a, ConfusionMatrix b) {
    ConfusionMatrix sum = new ConfusionMatrix(a.classes());
    sum.add(a);
    sum.add(b);
    return sum;
  }
}
