package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.scheduler.NoiseSchedule;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Ops;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.SeededNoise;

/**
 * Scores images that exist already: an image is encoded, noised to a few timesteps, and the U-Net
 * is called once at each with the image's caption, while the attribution watches. Immutable and
 * safe to call from several threads.
 */
public final class ImageScorer {
  private final StableDiffusion model;
  private final Attribution attribution;
  private final Optional<Presence> presence;
  private final long[] timesteps;
  private final NoiseSchedule schedule;

  /**
   * @param timesteps to noise to, at least one, each below the schedule's size
   * @throws IllegalArgumentException if there is none, or one is out of range
   */
  public ImageScorer(StableDiffusion model, Attribution attribution, List<Long> timesteps) {
    this(model, attribution, timesteps, Optional.empty());
  }

  /**
   * @param presence decides which of a prompt's classes are looked for
   */
  public ImageScorer(
      StableDiffusion model,
      Attribution attribution,
      List<Long> timesteps,
      Optional<Presence> presence) {
    this.model = model;
    this.attribution = attribution;
    this.presence = presence;
    this.timesteps = timesteps.stream().mapToLong(Long::longValue).toArray();
    this.schedule = new NoiseSchedule(model.schedulerConfig());
    if (timesteps.isEmpty()) {
      throw new IllegalArgumentException("scoring an image needs at least one timestep");
    }
    timesteps.forEach(schedule::alphaCumprod); // refuses what is out of range
  }

  /**
   * Scores an image.
   *
   * @param prompt its caption, the classes to look for, and the seed of the noise
   * @return scores of the image's size
   */
  public Scores score(BufferedImage image, Prompt prompt) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope();
        SeededNoise noise = new SeededNoise(prompt.seed())) {
      Tensor latent = encode(image);
      Tensor caption = model.embed(List.of(prompt.caption()));
      Prompt asked =
          presence
              .map(which -> prompt.withLabels(which.among(model, prompt, latent)))
              .orElse(prompt);
      try (Attribution.Watch watch = attribution.watch(model, asked, latent.size(2))) {
        for (long timestep : watch.probe() == null ? new long[0] : timesteps) {
          try (Scope call = new Scope()) {
            Tensor noisy =
                schedule.addNoise(latent, noise.normal(Ops.shape(latent)), new long[] {timestep});
            model.unet().forward(noisy, Ops.full(timestep, 1), caption, watch.probe());
          }
        }
        return watch.scores(latent, image.getWidth(), image.getHeight());
      }
    }
  }

  /** The mean of the image's encoding at about the size that the model was trained on. */
  private Tensor encode(BufferedImage image) {
    return Scope.compute(
        () -> {
          Tensor pixels =
              AutoencoderKl.normalise(
                  Ops.of(Images.planes(image), 1, 3, image.getHeight(), image.getWidth()));
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
}
