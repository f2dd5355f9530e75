package org.syntagen.labeling;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.Prompt;
import org.syntagen.diffusion.StableDiffusion;
import org.syntagen.diffusion.attention.AttentionProbe;
import org.syntagen.diffusion.unet.UNetConfig;

/**
 * Where in an image a text-to-image model sees each class: the port behind which the known ways of
 * reading a diffusion model stand. Immutable and safe to use from several threads.
 */
public interface Attribution {
  /** Name and parameters, for provenance. */
  Map<String, Object> toMap();

  /**
   * Checks that a model has what is looked at, before anything is made. Any does, unless this is
   * overridden.
   *
   * @throws InputException if not
   */
  default void requireFits(UNetConfig unet) {}

  /**
   * The texts that are shown to the model beside the caption.
   *
   * @throws InputException if it cannot look for a class of the prompt
   */
  List<String> texts(Prompt prompt);

  /**
   * Begins to look at one image.
   *
   * @param prompt the image's caption and the classes to look for
   * @param latentHeight of the image's latent
   */
  Watch watch(StableDiffusion model, Prompt prompt, long latentHeight);

  /** What is seen of one image. Holds native memory until it is closed; not thread-safe. */
  interface Watch extends AutoCloseable {
    /** To be handed to the U-Net's calls that draw the image or look at it; null for none. */
    AttentionProbe probe();

    /**
     * The scores, after those calls.
     *
     * @param latent the image's, without noise: [1, channels, height, width]
     * @param width of the image, in pixels
     * @param height of the image, in pixels
     */
    Scores scores(Tensor latent, int width, int height);

    @Override
    void close();
  }
}
