package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.ConfusionMatrix;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.Metrics;
import org.syntagen.dataset.Prompt;
import org.syntagen.dataset.Sample;
import org.syntagen.diffusion.ModelFolder;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Threads;

/** The bundled model's labels of 20 scenes against those of slow twins of the papers' formulas. */
class PublishedLabelersTest {
  private static final ClassSet VOC = ClassSet.VOC;
  private static final Path ASSETS = Path.of("..", "assets");
  private static final Dataset SCENES = Dataset.open(ASSETS.resolve("scenes-test"));
  private static final int COUNT = 20;
  private static final List<Long> TIMESTEPS = List.of(200L);
  private static ModelFolder.Loaded loaded;

  @BeforeAll
  static void load() {
    Threads.set(1, 1);
    loaded = new ModelFolder(ASSETS.resolve("syntagen-tiny")).load(List.of(), Dtype.F32);
  }

  @AfterAll
  static void close() {
    loaded.close();
  }

  /** Equation 5 of the paper, with the rows of the class words' own tokens. */
  private static class DatasetDiffusionTwin extends SlowTwin {
    @Override
    String text(Prompt prompt) {
      return prompt.classPrompt(VOC);
    }

    @Override
    double[][] map(List<Head> heads, int[] rows, int latentSide, int imageSide) {
      int coarse = latentSide / 4;
      int fine = latentSide / 2;
      double[][] cross = new double[coarse][coarse];
      double[][] self = new double[fine * fine][fine * fine];
      int layers = 0;
      for (Head head : heads) {
        if (!head.self() && head.side() == coarse) {
          add(cross, words(head, rows));
        } else if (head.self() && head.side() == fine) {
          add(self, head.attention());
          layers++;
        }
      }
      double[][] spread = bicubic(cross, fine);
      for (int power = 0; power < 4; power++) {
        double[][] next = new double[fine][fine];
        for (int p = 0; p < fine * fine; p++) {
          for (int q = 0; q < fine * fine; q++) {
            next[p / fine][p % fine] += self[p][q] / layers * spread[q / fine][q % fine];
          }
        }
        spread = next;
      }
      double low = least(spread);
      return bicubic(scaled(spread, low, most(spread) - low), imageSide);
    }
  }

  /** As the published code counts: a row a word, "dining table", "potted plant" two. */
  private static final class ReferenceTwin extends DatasetDiffusionTwin {
    @Override
    int[] rows(StableDiffusion model, Prompt prompt, int label) {
      int compounds = 0;
      for (int j = 0; prompt.labels().get(j) != label; j++) {
        compounds += VOC.words(prompt.labels().get(j)).contains(" ") ? 1 : 0;
      }
      int row = 1 + prompt.labels().indexOf(label) + compounds;
      return VOC.words(label).contains(" ") ? new int[] {row, row + 1} : new int[] {row};
    }
  }

  /** Section 3 of the paper: every head's map at the latent's resolution, and their mean. */
  private static final class DaamTwin extends SlowTwin {
    @Override
    String text(Prompt prompt) {
      return prompt.caption();
    }

    @Override
    double[][] map(List<Head> heads, int[] rows, int latentSide, int imageSide) {
      double[][] sum = new double[latentSide][latentSide];
      for (Head head : heads) {
        if (!head.self()) {
          add(sum, clamped(bicubic(words(head, rows), latentSide)));
        }
      }
      double[][] full = bicubic(sum, imageSide);
      double low = least(full);
      return scaled(full, low, most(full) - low);
    }
  }

  /** Equations 3 to 5 of the paper: the class words' tokens share each pixel's attention. */
  private static final class OvamTwin extends SlowTwin {
    @Override
    String text(Prompt prompt) {
      return prompt.classPrompt(VOC);
    }

    @Override
    boolean bare() {
      return true;
    }

    @Override
    double[][] map(List<Head> heads, int[] rows, int latentSide, int imageSide) {
      double[][] sum = new double[latentSide][latentSide];
      for (Head head : heads) {
        if (!head.self()) {
          add(sum, bilinear(words(head, rows), latentSide));
        }
      }
      return clamped(bicubic(scaled(sum, 0, most(sum)), imageSide));
    }
  }

  @Test
  void datasetDiffusionIsWithinHalfAPointOfItsFormula() {
    compare(
        new DatasetDiffusion(DatasetDiffusion.Parameters.published(), VOC),
        new DatasetDiffusionTwin(),
        DatasetDiffusion.THRESHOLDS);
  }

  @Test
  void theReferenceIsWithinHalfAPointOfThePublishedCodesFormula() {
    compare(
        new DatasetDiffusion(DatasetDiffusion.Parameters.reference(), VOC),
        new ReferenceTwin(),
        DatasetDiffusion.THRESHOLDS);
  }

  @Test
  void daamIsWithinHalfAPointOfItsFormula() {
    compare(new Daam(VOC), new DaamTwin(), Daam.THRESHOLDS);
  }

  @Test
  void ovamIsWithinHalfAPointOfItsFormula() {
    compare(new Ovam(Ovam.Parameters.published(), VOC), new OvamTwin(), Ovam.THRESHOLDS);
  }

  private static void compare(Attribution fast, Attribution slow, Decision decision) {
    ConfusionMatrix ours = new ConfusionMatrix(VOC.size());
    ConfusionMatrix theirs = new ConfusionMatrix(VOC.size());
    long same = 0;
    long pixels = 0;
    for (int i = 0; i < COUNT; i++) {
      byte[] truth = SCENES.mask(i).labels();
      byte[] one = labels(fast, decision, i);
      byte[] other = labels(slow, decision, i);
      for (int p = 0; p < truth.length; p++) {
        same += one[p] == other[p] ? 1 : 0;
        pixels++;
        one[p] = one[p] == (byte) ClassSet.VOID ? 0 : one[p];
        other[p] = other[p] == (byte) ClassSet.VOID ? 0 : other[p];
      }
      ours.add(truth, one);
      theirs.add(truth, other);
    }
    assertThat(Metrics.of(ours, VOC).meanIou())
        .isCloseTo(Metrics.of(theirs, VOC).meanIou(), within(0.5));
    assertThat((double) same / pixels).isGreaterThan(0.99);
  }

  private static byte[] labels(Attribution attribution, Decision decision, int index) {
    Sample sample = SCENES.sample(index).orElseThrow();
    Prompt prompt =
        new Prompt(
            index, sample.prompt(), sample.classes().stream().map(VOC::label).toList(), index);
    Scores scores =
        new ImageScorer(loaded.model(), attribution, TIMESTEPS)
            .score(SCENES.image(index), prompt)
            .scores();
    LabelMap labels = decision.label(scores, SCENES.image(index));
    return labels.labels().clone();
  }
}
