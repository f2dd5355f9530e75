package org.syntagen.diffusion.scheduler;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Tensors;

/**
 * What a model's output at noise level x = signal·x0 + noise·ε says of x0. Every product is rounded
 * on its own: a fused multiply-add could differ between a tensor's vectorised body and its tail,
 * and with it between batch sizes.
 */
final class CleanSample {
  private CleanSample() {}

  /** a·x + b·y, as a new tensor. */
  static Tensor blend(double a, Tensor x, double b, Tensor y) {
    return Ops.scale(x, a).add(Ops.scale(y, b));
  }

  /** x + b·y, as a new tensor. */
  static Tensor plus(Tensor x, double b, Tensor y) {
    return x.add(Ops.scale(y, b));
  }

  /** The predicted x0, as a new tensor. */
  static Tensor predict(
      Prediction prediction, Tensor output, Tensor x, double signal, double noise) {
    return switch (prediction) {
      case EPSILON -> blend(1 / signal, x, -noise / signal, output);
      case V_PREDICTION -> blend(signal, x, -noise, output);
      case SAMPLE -> output.clone();
    };
  }

  /** The noise ε that the output stands for; may be the output itself. */
  static Tensor noise(Prediction prediction, Tensor output, Tensor x, double signal, double noise) {
    return switch (prediction) {
      case EPSILON -> output;
      case V_PREDICTION -> blend(signal, output, noise, x);
      case SAMPLE -> blend(1 / noise, x, -signal / noise, output);
    };
  }

  /** x0 clipped to the configuration's range. */
  static Tensor clip(Tensor x0, SchedulerConfig config) {
    return Ops.clamp(x0, -config.clipSampleRange(), config.clipSampleRange());
  }

  /**
   * Dynamic thresholding (Saharia et al., 2022): clips each item to its own quantile of |x0|, at
   * least 1 and at most sampleMaxValue, and divides by it.
   */
  static Tensor threshold(Tensor x0, SchedulerConfig config) {
    Tensor flat = Tensors.to(x0, Dtype.F32).flatten(1, -1); // [batch, elements]
    Tensor quantile = Ops.quantile(flat.abs(), config.thresholdingRatio(), 1); // [batch, 1]
    double max = config.sampleMaxValue();
    Tensor limit = Ops.clamp(quantile, Math.min(1, max), max);
    return flat.minimum(limit).maximum(limit.neg()).div(limit).view(Tensors.shape(x0)).to(x0);
  }
}
