package org.syntagen.segmentation.robustness;

import java.util.List;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.segmentation.LabeledImage;
import org.syntagen.segmentation.Predictor;

/**
 * A change of an image by a few levels a channel that raises the network's loss: steps along the
 * sign of the gradient, kept within a distance of the image. Images stay whole levels, as files
 * hold them.
 *
 * @param id for tables
 * @param distance the largest change of a value, in levels of 255
 * @param step levels that a value moves in each step
 * @param steps how many
 * @param randomStart whether to begin anywhere within the distance
 */
public record Attack(String id, int distance, int step, int steps, boolean randomStart) {
  /** The fast gradient sign method (Goodfellow et al. 2015), 8 levels. */
  public static final Attack FGSM = new Attack("fgsm", 8, 8, 1, false);

  /** Projected gradient descent (Madry et al. 2018), 8 levels, 10 steps of 2. */
  public static final Attack PGD = new Attack("pgd", 8, 2, 10, true);

  public static final List<Attack> ALL = List.of(FGSM, PGD);

  /** The attacked image; one without labels has no loss and stays as it is. */
  public LabeledImage apply(Predictor predictor, LabeledImage image, long seed) {
    if (!image.isLabelled()) {
      return image;
    }
    byte[] rgb = image.rgb().clone();
    if (randomStart) {
      SplitMix64 random = new SplitMix64(seed).split((id + " " + image.id()).hashCode());
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = near(image.rgb()[i], (rgb[i] & 255) + random.inclusive(-distance, distance));
      }
    }
    LabeledImage attacked = // sees the changes of rgb below
        new LabeledImage(image.id(), image.width(), image.height(), rgb, image.labels());
    int pixels = image.width() * image.height();
    for (int done = 0; done < steps; done++) {
      float[] gradient = predictor.loss(attacked).gradient(); // (3, height, width)
      for (int i = 0; i < rgb.length; i++) {
        float slope = gradient[i % Colors.CHANNELS * pixels + i / Colors.CHANNELS];
        rgb[i] = near(image.rgb()[i], (rgb[i] & 255) + step * (int) Math.signum(slope));
      }
    }
    return attacked;
  }

  /** The level nearest to the wanted one within the distance of the original and 0 to 255. */
  private byte near(byte original, int wanted) {
    int low = Math.max(0, (original & 255) - distance);
    int high = Math.min(255, (original & 255) + distance);
    return (byte) Math.max(low, Math.min(high, wanted));
  }
}
