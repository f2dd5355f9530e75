package org.syntagen.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

class KMeansTest {
  private static int[] clusters(float[] points, int columns, int k, long seed) {
    try (Scope scope = new Scope()) {
      return new KMeans(k, seed).of(Tensors.of(points, points.length / columns, columns));
    }
  }

  @Test
  void separateCloudsAreTheClusters() {
    Random random = new Random(1);
    float[] points = new float[3 * 90];
    for (int i = 0; i < points.length; i++) {
      points[i] = (i / 3 % 3) * 100 + (float) random.nextGaussian(); // point n is of cloud n mod 3
    }
    for (long seed = 0; seed < 5; seed++) {
      int[] found = clusters(points, 3, 3, seed);
      assertThat(Arrays.stream(found).distinct().count()).isEqualTo(3);
      for (int i = 3; i < found.length; i++) {
        assertThat(found[i]).isEqualTo(found[i % 3]);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameClusters() {
    Random random = new Random(2);
    float[] points = new float[400];
    for (int i = 0; i < points.length; i++) {
      points[i] = random.nextFloat();
    }
    assertThat(clusters(points, 2, 5, 7)).isEqualTo(clusters(points, 2, 5, 7));
  }

  @Test
  void equalPointsShareACluster() {
    float[] points = {1, 1, 4, 4, 1, 1, 4, 4, 1, 1};
    int[] found = clusters(points, 2, 4, 0);
    assertThat(found[0]).isEqualTo(found[2]).isEqualTo(found[4]).isNotEqualTo(found[1]);
    assertThat(found[1]).isEqualTo(found[3]);
    assertThat(clusters(new float[] {3, 3, 3}, 1, 2, 0)).containsOnly(0);
    assertThatThrownBy(() -> new KMeans(0, 0)).hasMessageContaining("not 0");
  }

  /** Lloyd's rounds number by number; one centre has no points at first. */
  @Test
  void roundsEqualASlowTwin() {
    Random random = new Random(3);
    int n = 200;
    int columns = 3;
    double[][] points = new double[n][columns];
    float[] flat = new float[n * columns];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = random.nextFloat();
      points[i / columns][i % columns] = flat[i];
    }
    float[] start = {0.1f, 0.2f, 0.3f, 0.9f, 0.8f, 0.1f, 0.5f, 0.5f, 0.9f, 50, 50, 50};
    try (Scope scope = new Scope()) {
      int[] found = KMeans.cluster(Tensors.of(flat, n, columns), Tensors.of(start, 4, columns), 0);
      assertThat(found).isEqualTo(twin(points, start));
    }
  }

  private static int[] twin(double[][] points, float[] start) {
    int columns = points[0].length;
    double[][] centres = new double[start.length / columns][columns];
    for (int i = 0; i < start.length; i++) {
      centres[i / columns][i % columns] = start[i];
    }
    int[] labels = new int[points.length];
    for (boolean moved = true; moved; ) {
      moved = false;
      for (int i = 0; i < points.length; i++) {
        int best = 0;
        for (int c = 1; c < centres.length; c++) {
          best = distance(points[i], centres[c]) < distance(points[i], centres[best]) ? c : best;
        }
        moved |= labels[i] != best;
        labels[i] = best;
      }
      for (int c = 0; c < centres.length; c++) {
        double[] sum = new double[columns];
        int count = 0;
        for (int i = 0; i < points.length; i++) {
          if (labels[i] == c) {
            count++;
            for (int j = 0; j < columns; j++) {
              sum[j] += points[i][j];
            }
          }
        }
        for (int j = 0; j < columns && count > 0; j++) {
          centres[c][j] = sum[j] / count;
        }
      }
    }
    return labels;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += (a[j] - b[j]) * (a[j] - b[j]);
    }
    return sum;
  }
}
