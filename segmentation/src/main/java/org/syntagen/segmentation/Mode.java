package org.syntagen.segmentation;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

/**
 * How a network runs: in training, batch normalisation uses and records the statistics of the batch
 * and dropout draws from an explicit source; in evaluation both are fixed.
 *
 * @param training whether batch statistics are used
 * @param noise where dropout draws from; null drops nothing
 */
public record Mode(boolean training, SeededNoise noise) {
  public Mode {
    if (!training && noise != null) {
      throw new IllegalArgumentException("dropout belongs to training only");
    }
  }

  /** For predictions: nothing is drawn and no weight is touched. */
  public static Mode evaluation() {
    return new Mode(false, null);
  }

  /** For a training step whose dropout draws from {@code noise}, which the caller owns. */
  public static Mode training(SeededNoise noise) {
    return new Mode(true, noise);
  }

  /** Batch statistics without dropout. */
  public static Mode batchStatistics() {
    return new Mode(true, null);
  }

  /** Zeroes elements with probability p and scales the others by 1/(1−p). */
  Tensor dropout(Tensor x, double p) {
    if (noise == null) {
      return x;
    }
    // floor(u + 1 − p) is 1 with probability 1 − p, else 0.
    Tensor kept = Ops.plus(noise.uniform(0, 1, Tensors.shape(x)), 1 - p).floor();
    return x.mul(Tensors.to(Ops.scale(kept, 1 / (1 - p)), Dtype.of(x)));
  }
}
