package org.syntagen.tensor.nn;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Weights;

/**
 * Normalises each channel of [batch, channels, height, width] (Ioffe and Szegedy, 2015): in
 * training by the statistics of the batch, which are averaged into the running ones in place, else
 * by the running ones. Only {@code weight} and {@code bias} are parameters; the other tensors are
 * buffers, named as PyTorch names them, and must lie in writable memory for training.
 *
 * @param weight [channels]
 * @param bias [channels]
 * @param runningMean [channels], a buffer
 * @param runningVar [channels], a buffer
 * @param batchesTracked scalar of dtype I64, a buffer: how many batches were averaged
 * @param eps added to the variance
 * @param momentum weight of the newest batch in the running statistics
 */
public record BatchNorm2d(
    Tensor weight,
    Tensor bias,
    Tensor runningMean,
    Tensor runningVar,
    Tensor batchesTracked,
    double eps,
    double momentum) {

  /** PyTorch's defaults: ε 1e-5, momentum 0.1. */
  public static BatchNorm2d of(Weights weights, long channels) {
    return of(weights, channels, 1e-5, 0.1);
  }

  public static BatchNorm2d of(Weights weights, long channels, double eps, double momentum) {
    return new BatchNorm2d(
        weights.constant("weight", 1, channels),
        weights.constant("bias", 0, channels),
        weights.constant("running_mean", 0, channels),
        weights.constant("running_var", 1, channels),
        weights.counter("num_batches_tracked"),
        eps,
        momentum);
  }

  /** Whether a tensor of that name is one of the buffers rather than a parameter. */
  public static boolean isBuffer(String name) {
    return name.endsWith(".running_mean")
        || name.endsWith(".running_var")
        || name.endsWith(".num_batches_tracked");
  }

  public Tensor forward(Tensor x, boolean training) {
    if (training) {
      Ops.increment(batchesTracked);
    }
    return Ops.batchNorm(x, weight, bias, runningMean, runningVar, training, momentum, eps);
  }
}
