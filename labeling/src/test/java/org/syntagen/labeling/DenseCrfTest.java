package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syntagen.tensor.Threads;

class DenseCrfTest {
  private static final DenseCrf CRF = new DenseCrf(5, 1, 3, 8, 20, 4);

  /** Mean-field inference over all pairs of pixels, one number at a time. */
  private static double[] slow(DenseCrf crf, BufferedImage image, float[] probabilities) {
    int width = image.getWidth();
    int n = width * image.getHeight();
    int labels = probabilities.length / n;
    double[][] kernels = new double[2][n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double distance = Math.pow(i % width - j % width, 2) + Math.pow(i / width - j / width, 2);
        int a = image.getRGB(i % width, i / width);
        int b = image.getRGB(j % width, j / width);
        double colors = 0;
        for (int shift = 0; shift <= 16; shift += 8) {
          colors += Math.pow((a >> shift & 255) - (b >> shift & 255), 2);
        }
        kernels[0][i * n + j] = Math.exp(-distance / (2 * Math.pow(crf.smoothDeviation(), 2)));
        kernels[1][i * n + j] =
            Math.exp(
                -distance / (2 * Math.pow(crf.positionDeviation(), 2))
                    - colors / (2 * Math.pow(crf.colorDeviation(), 2)));
      }
    }
    double[] weights = {crf.smoothWeight(), crf.colorWeight()};
    double[] energy = new double[labels * n];
    for (int i = 0; i < energy.length; i++) {
      energy[i] = Math.log(Math.min(1, Math.max(1e-5, probabilities[i])));
    }
    double[] belief = softmax(energy, n);
    for (int iteration = 0; iteration < crf.iterations(); iteration++) {
      double[] next = energy.clone();
      for (int k = 0; k < 2; k++) {
        double[] norm = new double[n];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < n; j++) {
            norm[i] += kernels[k][i * n + j];
          }
        }
        for (int label = 0; label < labels; label++) {
          for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
              next[label * n + i] +=
                  weights[k]
                      * kernels[k][i * n + j]
                      * belief[label * n + j]
                      / Math.sqrt(norm[i] * norm[j]);
            }
          }
        }
      }
      belief = softmax(next, n);
    }
    return belief;
  }

  private static double[] softmax(double[] x, int n) {
    double[] out = new double[x.length];
    for (int p = 0; p < n; p++) {
      double sum = 0;
      for (int at = p; at < x.length; at += n) {
        sum += Math.exp(x[at]);
      }
      for (int at = p; at < x.length; at += n) {
        out[at] = Math.exp(x[at]) / sum;
      }
    }
    return out;
  }

  /** A square on a ground of another colour, with noise. */
  private static BufferedImage image(int width, int height, Random random) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean inside = x >= width / 4 && x < 3 * width / 4 && y >= height / 3;
        int level = (inside ? 180 : 60) + random.nextInt(16);
        image.setRGB(x, y, level << 16 | level << 8 | (inside ? 30 : level));
      }
    }
    return image;
  }

  /** A blob for each label, somewhere, as attention is. */
  private static float[] probabilities(int labels, int width, int height, Random random) {
    int pixels = width * height;
    float[] values = new float[labels * pixels];
    for (int label = 0; label < labels; label++) {
      int x = random.nextInt(width);
      int y = random.nextInt(height);
      for (int p = 0; p < pixels; p++) {
        double distance = Math.pow(p % width - x, 2) + Math.pow(p / width - y, 2);
        values[label * pixels + p] = (float) (0.1 + Math.exp(-distance / (0.1 * pixels)));
      }
    }
    return values;
  }

  /** The lattice's blur is not quite the Gaussian, so beliefs differ; labels should not. */
  @ParameterizedTest
  @CsvSource({"1, 1, 2", "12, 9, 3", "24, 17, 2", "16, 31, 4"})
  void itDecidesAsAllPairsOfPixelsDo(int width, int height, int labels) {
    Random random = new Random(5);
    BufferedImage image = image(width, height, random);
    float[] probabilities = probabilities(labels, width, height, random);
    float[] fast = CRF.refine(image, probabilities);
    double[] slow = slow(CRF, image, probabilities);
    int pixels = width * height;
    int same = 0;
    for (int p = 0; p < pixels; p++) {
      int one = 0;
      int other = 0;
      for (int label = 1; label < labels; label++) {
        one = fast[label * pixels + p] > fast[one * pixels + p] ? label : one;
        other = slow[label * pixels + p] > slow[other * pixels + p] ? label : other;
      }
      same += one == other ? 1 : 0;
    }
    assertThat((double) same / pixels).isGreaterThan(0.95);
  }

  @Test
  void beliefsAddUpToOne() {
    Random random = new Random(6);
    float[] belief = CRF.refine(image(9, 9, random), probabilities(3, 9, 9, random));
    for (int p = 0; p < 81; p++) {
      assertThat(belief[p] + belief[81 + p] + belief[162 + p]).isCloseTo(1, within(1e-5f));
    }
  }

  @Test
  void labelsFollowTheImagesEdges() {
    int side = 24;
    BufferedImage image = image(side, side, new Random(7));
    float[] probabilities = new float[2 * side * side];
    for (int p = 0; p < side * side; p++) { // a blob that is off the square
      double distance = Math.hypot(p % side - 14, p / side - 15);
      probabilities[side * side + p] = (float) Math.exp(-distance / 8);
      probabilities[p] = 1 - probabilities[side * side + p];
    }
    float[] belief = new DenseCrf(10, 1, 3, 20, 20, 10).refine(image, probabilities);
    int wrong = 0;
    for (int p = 0; p < side * side; p++) {
      boolean inside = (image.getRGB(p % side, p / side) & 255) == 30;
      wrong += inside == belief[side * side + p] > 0.5 ? 0 : 1;
    }
    assertThat(wrong).isLessThan(6);
  }

  @Test
  void theNumberOfThreadsDoesNotChangeABit() {
    Random random = new Random(8);
    BufferedImage image = image(133, 120, random);
    float[] probabilities = probabilities(5, 133, 120, random);
    Threads.set(1, 1);
    float[] one = CRF.refine(image, probabilities);
    Threads.set(3, 1);
    float[] three = CRF.refine(image, probabilities);
    Threads.set(1, 1);
    assertThat(three).isEqualTo(one);
  }

  @Test
  void deviationsThatAreTooSmallForTheImageAreRefused() {
    BufferedImage image = image(50, 50, new Random(9));
    assertThatThrownBy(() -> new DenseCrf(1, 1, 3, 1e-3, 1e-3, 4).refine(image, new float[5000]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("widen the deviations");
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 3, 8, 20, 4", "5, 0, 3, 8, 20, 4", "5, 1, -1, 8, 20, 4", "5, 1, 3, 8, -2, 4"})
  void valuesOutOfRangeAreRefused(
      int iterations, double s, double sw, double position, double color, double cw) {
    assertThatThrownBy(() -> new DenseCrf(iterations, s, sw, position, color, cw))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CRF");
  }
}
