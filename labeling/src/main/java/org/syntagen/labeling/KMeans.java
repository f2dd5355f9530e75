package org.syntagen.labeling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * Lloyd's k-means from the seeds of k-means++ (Arthur and Vassilvitskii, 2007), ended as
 * scikit-learn ends it. The same seed gives the same clusters.
 *
 * @param clusters at most so many; fewer if fewer points differ
 */
record KMeans(int clusters, long seed) {
  private static final int MOST_ROUNDS = 300;

  /** Centres that move by less than this share of the columns' mean variance stand still. */
  private static final double TOLERANCE = 1e-4;

  KMeans {
    if (clusters < 1) {
      throw new IllegalArgumentException("there must be at least one cluster, not " + clusters);
    }
  }

  /**
   * The cluster of each point, from 0.
   *
   * @param points [n, columns], n at least 1
   */
  int[] of(Tensor points) {
    try (Scope scope = new Scope()) {
      // Around their mean, products of points and centres keep their digits.
      Tensor centred = points.sub(Ops.mean(points, true, 0));
      double still = TOLERANCE * Ops.mean(centred.mul(centred), false, 0, 1).item_double();
      return cluster(centred, seeds(centred), still);
    }
  }

  /**
   * Lloyd's rounds.
   *
   * @param centres where to begin: [clusters, columns]
   * @param still squared movement of all centres at which the rounds end
   */
  static int[] cluster(Tensor points, Tensor centres, double still) {
    Tensor now = centres;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Tensor before = now;
      now = Scope.compute(() -> means(points, before));
      Tensor step = now.sub(before);
      if (Ops.sum(step.mul(step), false, 0, 1).item_double() <= still) {
        break;
      }
    }
    return Arrays.stream(Tensors.longs(nearest(points, now))).mapToInt(Math::toIntExact).toArray();
  }

  /** Each point's nearest centre, the first of equals: [n]. */
  private static Tensor nearest(Tensor points, Tensor centres) {
    return Scope.compute(
        () -> {
          Tensor lengths = Ops.sum(centres.mul(centres), false, 1);
          return Ops.argmax(Ops.scale(points.matmul(centres.t()), 2).sub(lengths), 1);
        });
  }

  /** The means of the points around each centre; a centre without points stays. */
  private static Tensor means(Tensor points, Tensor centres) {
    Tensor labels = Tensors.to(nearest(points, centres), Dtype.F32).unsqueeze(0);
    Tensor members = Tensors.to(Tensors.range(centres.size(0)).unsqueeze(1).eq(labels), Dtype.F32);
    Tensor counts = Ops.sum(members, true, 1); // [clusters, 1]
    Tensor empty = Ops.clampMin(Ops.plus(Ops.scale(counts, -1), 1), 0);
    Tensor sums = members.matmul(points).add(empty.mul(centres));
    return sums.div(Ops.clampMin(counts, 1));
  }

  /** Each seed is a point, drawn by its squared distance to the nearest seed before it. */
  private Tensor seeds(Tensor points) {
    Random random = new Random(seed);
    List<Tensor> seeds = new ArrayList<>();
    seeds.add(points.narrow(0, random.nextInt((int) points.size(0)), 1));
    Tensor nearest = distances(points, seeds.get(0));
    while (seeds.size() < clusters) {
      float[] weights = Tensors.floats(nearest);
      int drawn = drawn(weights, random.nextDouble());
      if (drawn < 0) {
        break; // every point is a seed
      }
      Tensor next = points.narrow(0, drawn, 1);
      seeds.add(next);
      nearest = nearest.minimum(distances(points, next));
    }
    return Ops.cat(seeds, 0);
  }

  private static Tensor distances(Tensor points, Tensor centre) {
    return Scope.compute(
        () -> {
          Tensor differences = points.sub(centre);
          return Ops.sum(differences.mul(differences), false, 1);
        });
  }

  /** The index at a share of the sum of all weights; −1 if they are 0. */
  private static int drawn(float[] weights, double share) {
    double all = 0;
    for (float weight : weights) {
      all += weight;
    }
    double left = share * all;
    int last = -1;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        last = i;
        left -= weights[i];
        if (left < 0) {
          break;
        }
      }
    }
    return last;
  }
}
