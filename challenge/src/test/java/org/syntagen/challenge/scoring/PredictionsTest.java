package org.syntagen.challenge.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syntagen.challenge.Datasets;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;

class PredictionsTest {
  @TempDir Path folder;
  private Path predictions;
  private Dataset truth;

  @BeforeEach
  void threeTestImages() throws IOException {
    Datasets.write(folder.resolve("test"), "a", "b", "c");
    truth = Dataset.open(folder.resolve("test"));
    predictions = Files.createDirectories(folder.resolve("predictions"));
    for (int i = 0; i < truth.size(); i++) {
      predict(truth.ids().get(i), truth.mask(i));
    }
  }

  private void predict(String id, LabelMap labels) throws IOException {
    labels.write(predictions.resolve(id + ".png"));
  }

  private static LabelMap filled(int width, int height, int label) {
    byte[] labels = new byte[width * height];
    Arrays.fill(labels, (byte) label);
    return new LabelMap(width, height, labels);
  }

  @Test
  void theTruthItselfScoresEverything() {
    assertThat(Predictions.score(predictions, truth).meanIou()).isEqualTo(1);
  }

  /** One matrix over the set, which is not the mean of the images' scores. */
  @Test
  void theScoreIsThatOfOneMatrixOverAllImages() throws IOException {
    predict("b", filled(24, 16, 0));
    ConfusionMatrix counts = new ConfusionMatrix(truth.classes().size());
    counts.add(truth.mask(0).labels(), truth.mask(0).labels());
    counts.add(truth.mask(1).labels(), filled(24, 16, 0).labels());
    counts.add(truth.mask(2).labels(), truth.mask(2).labels());
    assertThat(Predictions.score(predictions, truth))
        .isEqualTo(Metrics.of(counts, truth.classes()));
    // Background: 576 right of 768; two classes whole; one missed.
    assertThat(Predictions.score(predictions, truth).meanIou()).isEqualTo((0.75 + 1 + 1 + 0) / 4);
  }

  @Test
  void whatIsWrongIsNamedWithoutTheHostsFolder() throws IOException {
    predict("b", filled(24, 16, 255));
    refused("b.png holds void (255); expected a class, 0 to 20, for every pixel");
    predict("b", filled(24, 16, 21));
    refused("the mask b.png holds label 21 at x=0, y=0; expected 0 to 20, or 255 for void");
    predict("b", filled(16, 24, 0));
    refused("b.png is 16×24 pixels; expected 24×16, the size of its image");
    Files.delete(predictions.resolve("b.png"));
    refused("b.png is missing; expected one PNG for each of the 3 test images");
  }

  private void refused(String message) {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Predictions.score(predictions, truth))
        .withMessage(message);
  }
}
