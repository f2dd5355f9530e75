package org.syntagen.labeling;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Scope;

/**
 * Scores images that exist already: an image is encoded, noised to a few timesteps, and the U-Net
 * is called once at each with the image's caption, while the attribution watches. Immutable and
 * safe to call from several threads.
 */
public final class ImageScorer {
  /**
   * What was seen of an image.
   *
   * @param prompt what the model was shown: as it was asked for, but with the classes that were
   *     found and a caption that names them, if presence decides
   * @param scores of the image's size
   */
  public record Seen(Prompt prompt, Scores scores) {}

  private final StableDiffusion model;
  private final Attribution attribution;
  private final Optional<Presence> presence;
  private final NoisedImages images;

  /**
   * @param timesteps to noise to, at least one, each below the schedule's size
   * @throws IllegalArgumentException if there is none, or one is out of range
   * @throws InputException if the model lacks what the attribution looks at
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
    attribution.requireFits(model.unet().config());
    this.model = model;
    this.attribution = attribution;
    this.presence = presence;
    this.images = new NoisedImages(model, timesteps);
  }

  /**
   * Scores an image.
   *
   * @param prompt its caption, the classes to look for, and the seed of the noise
   */
  public Seen score(BufferedImage image, Prompt prompt) {
    try (NoGrad noGrad = new NoGrad();
        Scope scope = new Scope()) {
      Tensor latent = images.encode(image);
      Prompt asked = presence.map(which -> which.among(model, prompt, latent)).orElse(prompt);
      try (Attribution.Watch watch = attribution.watch(model, asked, latent.size(2))) {
        if (watch.probe() != null) {
          images.show(latent, asked, watch.probe());
        }
        return new Seen(asked, watch.scores(latent, image.getWidth(), image.getHeight()));
      }
    }
  }
}
