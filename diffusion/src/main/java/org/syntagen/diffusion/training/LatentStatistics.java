package org.syntagen.diffusion.training;

import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * What an autoencoder makes of its training images.
 *
 * @param scalingFactor gives sampled latents a standard deviation of 1
 * @param signal for each latent channel the share of its variance that depends on the image, 0 … 1;
 *     near 0 the posterior has collapsed to noise that the decoder ignores
 * @param psnr of reconstructions from posterior means, in dB
 */
public record LatentStatistics(double scalingFactor, double[] signal, double psnr) {
  private static final int BATCH = 16;

  /**
   * Measures on random images.
   *
   * @param batches of 16 images
   */
  static LatentStatistics measure(AutoencoderKl vae, CaptionedImages images, int batches) {
    int channels = vae.config().latentChannels();
    double[] sum = new double[channels];
    double[] squares = new double[channels];
    double[] noise = new double[channels];
    double error = 0;
    SplittableRandom random = new SplittableRandom(0);
    for (int i = 0; i < batches; i++) {
      try (NoGrad noGrad = new NoGrad();
          Scope scope = new Scope()) {
        int[] indices = random.ints(BATCH, 0, images.count()).toArray();
        Tensor image = AutoencoderKl.normalise(images.load(indices));
        AutoencoderKl.Posterior posterior = vae.encode(image);
        Tensor mean = posterior.mean();
        add(sum, mean);
        add(squares, mean.square());
        add(noise, posterior.logVariance().exp());
        error += vae.decode(mean).sub(image).square().mean().item_double();
      }
    }
    double[] signal = new double[channels];
    double first = 0;
    double second = 0;
    for (int c = 0; c < channels; c++) {
      double mean = sum[c] / batches;
      double variance = squares[c] / batches - mean * mean;
      signal[c] = variance / (variance + noise[c] / batches);
      first += mean / channels;
      second += (squares[c] + noise[c]) / batches / channels;
    }
    return new LatentStatistics(
        1 / Math.sqrt(second - first * first), signal, 10 * Math.log10(4 * batches / error));
  }

  /** Adds the mean of each channel. */
  private static void add(double[] totals, Tensor values) {
    float[] means = Tensors.floats(Ops.mean(values, false, 0, 2, 3));
    for (int c = 0; c < totals.length; c++) {
      totals[c] += means[c];
    }
  }

  @Override
  public String toString() {
    return "autoencoder: PSNR %.1f dB, signal in the latent channels %s"
        .formatted(
            psnr,
            DoubleStream.of(signal).mapToObj("%.2f"::formatted).collect(Collectors.joining(" ")));
  }
}
