package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.scheduler.NoiseSchedule;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;
import org.syntagen.tensor.Tensors;

/**
 * Shows a model images that exist already: an image is encoded and noised to a few timesteps, and
 * the U-Net is called once at each with the image's caption. Immutable and safe to call from
 * several threads.
 */
final class NoisedImages {
  private final StableDiffusion model;
  private final long[] timesteps;
  private final NoiseSchedule schedule;

  /**
   * @param timesteps to noise to, at least one, each below the schedule's size
   * @throws IllegalArgumentException if there is none, or one is out of range
   */
  NoisedImages(StableDiffusion model, List<Long> timesteps) {
    this.model = model;
    this.timesteps = timesteps.stream().mapToLong(Long::longValue).toArray();
    this.schedule = new NoiseSchedule(model.schedulerConfig());
    if (timesteps.isEmpty()) {
      throw new IllegalArgumentException("scoring an image needs at least one timestep");
    }
    timesteps.forEach(schedule::alphaCumprod); // refuses what is out of range
  }

  /**
   * The mean of an image's encoding at about the size that the model was trained on: [1, channels,
   * height, width], owned by the open scope.
   */
  Tensor encode(BufferedImage image) {
    return Scope.compute(
        () -> {
          Tensor pixels =
              AutoencoderKl.normalise(
                  Tensors.of(Images.planes(image), 1, 3, image.getHeight(), image.getWidth()));
          double trained = model.nativeSize();
          double scale = trained / Math.sqrt((double) image.getWidth() * image.getHeight());
          long height = side(image.getHeight() * scale);
          long width = side(image.getWidth() * scale);
          Tensor resized =
              height == image.getHeight() && width == image.getWidth()
                  ? pixels
                  : Ops.resizeBilinear(pixels, height, width);
          return Ops.scale(
              model.vae().encode(resized).mean(), model.vae().config().scalingFactor());
        });
  }

  /** The nearest length that autoencoder and U-Net halve exactly. */
  private long side(double length) {
    long multiple =
        (long) model.vae().config().downscale() * model.unet().config().latentMultiple();
    return Math.max(1, Math.round(length / multiple)) * multiple;
  }

  /**
   * Lets a probe watch the U-Net's calls.
   *
   * @param latent as {@link #encode} gives it
   * @param prompt the caption and the seed of the noise
   */
  void show(Tensor latent, Prompt prompt, AttentionProbe probe) {
    try (Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(prompt.seed())) {
      Tensor caption = model.embed(List.of(prompt.caption()));
      for (long timestep : timesteps) {
        try (Scope call = new Scope()) {
          Tensor noisy =
              schedule.addNoise(latent, noise.normal(Tensors.shape(latent)), new long[] {timestep});
          model.unet().forward(noisy, Tensors.full(timestep, 1), caption, probe);
        }
      }
    }
  }
}
