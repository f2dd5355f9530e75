package org.syntagen.diffusion.vae;

import org.bytedeco.pytorch.Tensor;
import org.syntagen.tensor.Dtype;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;
import org.syntagen.tensor.Weights;
import org.syntagen.tensor.nn.Conv2d;

/**
 * Compresses images to latents and back: Stable Diffusion's variational autoencoder (Rombach et
 * al., 2022), diffusers' AutoencoderKL. Immutable; its tensors belong to the state dictionary it
 * was built from.
 */
public final class AutoencoderKl {
  private final VaeConfig config;
  private final Encoder encoder;
  private final Decoder decoder;
  private final Conv2d quantConv;
  private final Conv2d postQuantConv;

  public AutoencoderKl(Weights weights, VaeConfig config) {
    this.config = config;
    long latent = config.latentChannels();
    encoder = new Encoder(weights.at("encoder"), config);
    decoder = new Decoder(weights.at("decoder"), config);
    quantConv = Conv2d.of(weights.at("quant_conv"), 2 * latent, 2 * latent, 1, 0);
    postQuantConv = Conv2d.of(weights.at("post_quant_conv"), latent, latent, 1, 0);
  }

  /** Bytes 0 … 255 to floats −1 … 1, the range that {@link #encode} takes. */
  public static Tensor normalise(Tensor bytes) {
    return Scope.compute(() -> Ops.plus(Ops.scale(Tensors.to(bytes, Dtype.F32), 1 / 127.5), -1));
  }

  public VaeConfig config() {
    return config;
  }

  /**
   * @param mean [batch, latentChannels, height / f, width / f], not yet scaled
   * @param logVariance same shape, in −30 … 20
   */
  public record Posterior(Tensor mean, Tensor logVariance) {

    /** mean + σ·noise, not yet scaled. */
    public Tensor sample(Tensor noise) {
      return Ops.scale(logVariance, 0.5).exp().mul(noise).add(mean);
    }
  }

  /**
   * @param image [batch, 3, height, width] in −1 … 1, sides divisible by the downscale factor
   */
  public Posterior encode(Tensor image) {
    return posterior(moments(image));
  }

  /** The distribution that {@link #moments} describe. */
  static Posterior posterior(Tensor moments) {
    Tensor[] halves = Ops.chunk(moments, 2, 1);
    return new Posterior(halves[0], Ops.clamp(halves[1], -30, 20));
  }

  /** Means and unclamped log-variances, side by side: [batch, 2 · latentChannels, h, w]. */
  Tensor moments(Tensor image) {
    return quantConv.forward(encoder.forward(image));
  }

  /**
   * @param latent [batch, latentChannels, height, width], not scaled (divide by the scaling factor
   *     first)
   * @return [batch, 3, height · f, width · f], about −1 … 1
   */
  public Tensor decode(Tensor latent) {
    return decoder.forward(postQuantConv.forward(latent));
  }
}
