package org.syntagen.tensor;

import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.InterpolateFuncOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.kBicubic;
import org.bytedeco.pytorch.kBilinear;
import org.bytedeco.pytorch.kNearest;

/**
 * PyTorch's operations with plain Java signatures, for those whose binding needs optionals, vectors
 * or option objects. Results belong to the open {@link Scope}. Shapes are in PyTorch's order:
 * images are [batch, channels, height, width].
 */
public final class Ops {
  /** Rows and multiplications from which a linear map is worth being called a convolution. */
  private static final long MANY_ROWS = 64;

  private static final long LARGE_PRODUCT = 1L << 26;

  private Ops() {}

  // ---- arithmetic -----------------------------------------------------------------------------

  public static Tensor scale(Tensor x, double factor) {
    return x.mul(new Scalar(factor));
  }

  public static Tensor plus(Tensor x, double term) {
    return x.add(new Scalar(term));
  }

  /** x + factor·y */
  public static Tensor add(Tensor x, Tensor y, double factor) {
    return x.add(y, new Scalar(factor));
  }

  /** x in place: x += factor·y. */
  public static Tensor addInPlace(Tensor x, Tensor y, double factor) {
    return x.add_(y, new Scalar(factor));
  }

  /** x in place: x += number. */
  public static Tensor plusInPlace(Tensor x, double number) {
    return x.add_(new Scalar(number));
  }

  public static Tensor scaleInPlace(Tensor x, double factor) {
    return x.mul_(new Scalar(factor));
  }

  /** An integer tensor in place: x += 1. */
  public static Tensor increment(Tensor x) {
    return x.add_(new Scalar(1L));
  }

  /** x in place: x += weight·(y − x). */
  public static Tensor lerpInPlace(Tensor x, Tensor y, double weight) {
    return x.lerp_(y, new Scalar(weight));
  }

  /** x in place: x += factor·y·z. */
  public static Tensor addProductInPlace(Tensor x, Tensor y, Tensor z, double factor) {
    return x.addcmul_(y, z, new Scalar(factor));
  }

  /** x in place: x += factor·y/z. */
  public static Tensor addQuotientInPlace(Tensor x, Tensor y, Tensor z, double factor) {
    return x.addcdiv_(y, z, new Scalar(factor));
  }

  public static Tensor clamp(Tensor x, double low, double high) {
    return x.clamp(new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high)));
  }

  public static Tensor clampMin(Tensor x, double low) {
    return torch.clamp_min(x, new Scalar(low));
  }

  /** round(255·x) of x clamped to 0 … 1, dtype U8. */
  public static Tensor toBytes(Tensor x) {
    return Tensors.to(scale(clamp(x, 0, 1), 255).round(), Dtype.U8);
  }

  /**
   * Where each row lies along the directions in which the rows vary the most: [batch, groups, n,
   * count]. Of fewer columns there are fewer directions. Their signs are arbitrary.
   *
   * @param rows [batch, groups, n, columns]
   */
  public static Tensor principalComponents(Tensor rows, long count) {
    Tensor centred = rows.sub(mean(rows, true, -2));
    Tensor covariance = centred.transpose(-2, -1).matmul(centred);
    try (T_TensorTensor_T eigen = torch.linalg_eigh(covariance)) { // ascending
      long columns = rows.size(-1);
      long directions = Math.min(count, columns);
      return centred.matmul(eigen.get1().narrow(-1, columns - directions, directions));
    }
  }

  /** Mean over the given dimensions. */
  public static Tensor mean(Tensor x, boolean keepDims, long... dims) {
    return x.mean(dims, keepDims, new ScalarTypeOptional());
  }

  /** The L2 norm of all elements of all tensors. */
  public static double norm(Tensor... xs) {
    return stack(Arrays.stream(xs).map(Tensor::norm).toList()).norm().item_double();
  }

  /** Standard deviation over the given dimensions, of a sample (divided by n − 1). */
  public static Tensor std(Tensor x, boolean keepDims, long... dims) {
    return x.std(dims, true, keepDims);
  }

  public static Tensor sum(Tensor x, boolean keepDims, long... dims) {
    return x.sum(dims, keepDims, new ScalarTypeOptional());
  }

  /** Quantile along a dimension, which stays with extent 1; linear between two elements. */
  public static Tensor quantile(Tensor x, double q, long dim) {
    return torch.quantile(x, q, new LongOptional(dim), true, "linear");
  }

  /** Index of the largest element along a dimension (the first one on ties), dtype I64. */
  public static Tensor argmax(Tensor x, long dim) {
    return x.argmax(new LongOptional(dim), false);
  }

  public static Tensor cat(List<Tensor> parts, long dim) {
    return torch.cat(vector(parts), dim);
  }

  public static Tensor stack(List<Tensor> parts) {
    return torch.stack(vector(parts), 0);
  }

  /** Splits x in {@code n} equal parts along a dimension; the parts are views. */
  public static Tensor[] chunk(Tensor x, int n, long dim) {
    long step = x.size(dim) / n;
    Tensor[] parts = new Tensor[n];
    for (int i = 0; i < n; i++) {
      parts[i] = x.narrow(dim, i * step, step);
    }
    return parts;
  }

  /**
   * The same [n, c, h, w] values stored with the channels innermost, which convolutions may run
   * faster on; x itself when it already is.
   */
  public static Tensor channelsLast(Tensor x) {
    return x.contiguous(torch.MemoryFormat.ChannelsLast);
  }

  static TensorVector vector(List<Tensor> parts) {
    return new TensorVector(parts.toArray(new Tensor[0]));
  }

  // ---- neural network functions ---------------------------------------------------------------

  /** Linear map x·Wᵀ + b; {@code bias} may be null. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    long rows = x.numel() / x.size(-1);
    if (x.dim() == 3 && rows >= MANY_ROWS && rows * weight.numel() >= LARGE_PRODUCT) {
      return pointwise(x, weight, bias);
    }
    return torch.linear(x, weight, optional(bias));
  }

  /**
   * The same as a convolution with one-pixel kernels over channels-last features: oneDNN's runs on
   * libtorch's own threads and takes 0.8 to 1.0 of the time of OpenBLAS on as many, whose pool
   * would get in the way of attention.
   */
  private static Tensor pointwise(Tensor x, Tensor weight, Tensor bias) {
    Tensor pixels = x.contiguous().unsqueeze(2).permute(0, 3, 1, 2); // [batch, channels, n, 1]
    Tensor kernel = weight.unsqueeze(-1).unsqueeze(-1);
    Tensor y = conv2d(pixels, kernel, bias, 1, 0, 1, 1);
    return y.permute(0, 2, 3, 1).squeeze(2); // [batch, n, channels]
  }

  /** 2-D convolution with the same stride, zero padding and dilation in both directions. */
  public static Tensor conv2d(
      Tensor x, Tensor weight, Tensor bias, long stride, long padding, long dilation, long groups) {
    return torch.conv2d(
        x,
        weight,
        optional(bias),
        new long[] {stride, stride},
        new long[] {padding, padding},
        new long[] {dilation, dilation},
        groups);
  }

  /** Pads the last two dimensions with zeros. */
  public static Tensor pad(Tensor x, long left, long right, long top, long bottom) {
    return torch.constant_pad_nd(x, new long[] {left, right, top, bottom});
  }

  public static Tensor groupNorm(Tensor x, long groups, Tensor weight, Tensor bias, double eps) {
    return torch.group_norm(x, groups, optional(weight), optional(bias), eps, true);
  }

  /** Normalises over the last dimension. */
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
    return torch.layer_norm(
        x, new long[] {x.size(-1)}, optional(weight), optional(bias), eps, true);
  }

  /** Batch normalisation; in training it updates the running statistics in place. */
  public static Tensor batchNorm(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVar,
      boolean training,
      double momentum,
      double eps) {
    return torch.batch_norm(
        x,
        optional(weight),
        optional(bias),
        optional(runningMean),
        optional(runningVar),
        training,
        momentum,
        eps,
        true);
  }

  public static Tensor embedding(Tensor weight, Tensor ids) {
    return torch.embedding(weight, ids);
  }

  /**
   * A sparse matrix times a dense one. Each row of the result is one thread's sum in the order of
   * the indices, whatever the number of threads.
   *
   * @param starts where each row's elements begin among the others, and where the last row's end:
   *     [rows + 1], I32
   * @param columns of all elements, row by row: I32
   * @param values of all elements
   * @param dense [columns, n]
   * @return [rows, n]
   */
  public static Tensor sparseProduct(Tensor starts, Tensor columns, Tensor values, Tensor dense) {
    try (T_TensorTensorTensorTensor_T sums =
        torch.embedding_bag(
            dense, columns, starts, false, 0, false, new TensorOptional(values), true)) {
      return Tensors.alias(sums.get0()); // it lies within the tuple
    }
  }

  public static Tensor silu(Tensor x) {
    return torch.silu(x);
  }

  /** The exact (error function) GELU. */
  public static Tensor gelu(Tensor x) {
    return torch.gelu(x);
  }

  /** x·σ(1.702x), the approximation that OpenAI's CLIP uses. */
  public static Tensor quickGelu(Tensor x) {
    return x.mul(torch.sigmoid(scale(x, 1.702)));
  }

  /** x in place: max(x, 0). */
  public static Tensor reluInPlace(Tensor x) {
    return torch.relu_(x);
  }

  public static Tensor hardswish(Tensor x) {
    return torch.hardswish(x);
  }

  public static Tensor hardsigmoid(Tensor x) {
    return torch.hardsigmoid(x);
  }

  public static Tensor softmax(Tensor x, long dim) {
    return torch.softmax(x, dim);
  }

  /** Attention weights softmax(q·kᵀ·scale [+ mask]) of [batch, queries, d] and [batch, keys, d]. */
  public static Tensor attentionWeights(Tensor q, Tensor k, double scale, Tensor mask) {
    Tensor keys = k.transpose(1, 2);
    Tensor scores =
        mask == null
            ? torch.bmm(scale(q, scale), keys)
            : torch.baddbmm(mask, q, keys, new Scalar(1.0), new Scalar(scale));
    return torch.softmax(scores, -1);
  }

  /**
   * softmax(q·kᵀ / √d)·v without holding the weights of all positions (FlashAttention, Dao et al.,
   * 2022). Keep BLAS at one thread: libtorch's threads call it.
   *
   * @param q [batch, heads, positions, d]
   * @param k [batch, heads, keys, d]
   * @param v [batch, heads, keys, d]
   * @return [batch, heads, positions, d]
   */
  public static Tensor attention(Tensor q, Tensor k, Tensor v) {
    return torch.scaled_dot_product_attention(q, k, v);
  }

  public static Tensor bmm(Tensor a, Tensor b) {
    return torch.bmm(a, b);
  }

  public static Tensor maxPool2d(Tensor x, long kernel, long stride, long padding) {
    return torch.max_pool2d(
        x,
        new long[] {kernel, kernel},
        new long[] {stride, stride},
        new long[] {padding, padding},
        new long[] {1, 1},
        false);
  }

  /** Average over non-overlapping squares. */
  public static Tensor avgPool2d(Tensor x, long kernel) {
    return torch.avg_pool2d(x, kernel, kernel);
  }

  /** Average over the whole image: [n, c, 1, 1]. */
  public static Tensor globalAvgPool(Tensor x) {
    return torch.adaptive_avg_pool2d(x, 1, 1);
  }

  /** Repeats every pixel 2 × 2 times. */
  public static Tensor upsampleNearest2x(Tensor x) {
    return upsampleNearest(x, 2 * x.size(2), 2 * x.size(3));
  }

  public static Tensor upsampleNearest(Tensor x, long height, long width) {
    InterpolateFuncOptions options = new InterpolateFuncOptions();
    options.size().put(new LongVector(height, width));
    options.mode().put(new kNearest());
    return torch.interpolate(x, options);
  }

  /** Bilinear resize with align_corners = false. */
  public static Tensor resizeBilinear(Tensor x, long height, long width) {
    InterpolateFuncOptions options = new InterpolateFuncOptions();
    options.size().put(new LongVector(height, width));
    options.mode().put(new kBilinear());
    options.align_corners().put(false);
    return torch.interpolate(x, options);
  }

  /** The mean over the area that becomes a pixel, for making images smaller. */
  public static Tensor resizeArea(Tensor x, long height, long width) {
    return torch.adaptive_avg_pool2d(x, height, width);
  }

  /** Bicubic resize with align_corners = false; values may overshoot the input's range. */
  public static Tensor resizeBicubic(Tensor x, long height, long width) {
    InterpolateFuncOptions options = new InterpolateFuncOptions();
    options.size().put(new LongVector(height, width));
    options.mode().put(new kBicubic());
    options.align_corners().put(false);
    return torch.interpolate(x, options);
  }

  /**
   * Mean cross-entropy of logits [n, c, …] against I64 labels [n, …] over positions whose label is
   * not {@code ignore}.
   */
  public static Tensor crossEntropy(Tensor logits, Tensor labels, long ignore) {
    return torch.cross_entropy_loss(logits, labels, new TensorOptional(), 1, ignore, 0.0);
  }

  static TensorOptional optional(Tensor x) {
    return x == null ? new TensorOptional() : new TensorOptional(x);
  }
}
