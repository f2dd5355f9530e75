package org.syntagen.segmentation.robustness;

import java.util.Locale;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.segmentation.LabeledImage;

/**
 * The 15 corruptions of ImageNet-C (Hendrycks and Dietterich 2019, "Benchmarking neural network
 * robustness to common corruptions and perturbations") with the published constants. These were
 * chosen for 224 pixels, so that lengths are multiplied by the image's shorter side over 224. Two
 * are drawn in another way: frost, whose photographs do not come with the project, and motion blur,
 * which follows the later package imagecorruptions. What is random is a function of the seed, the
 * corruption, the severity and the image's id.
 */
public enum Corruption {
  GAUSSIAN_NOISE(Noise::gaussian),
  SHOT_NOISE(Noise::shot),
  IMPULSE_NOISE(Noise::impulse),
  DEFOCUS_BLUR(Blur::defocus),
  GLASS_BLUR(Blur::glass),
  MOTION_BLUR(Blur::motion),
  ZOOM_BLUR(Blur::zoom),
  SNOW(Weather::snow),
  FROST(Weather::frost),
  FOG(Weather::fog),
  BRIGHTNESS(Weather::brightness),
  CONTRAST(Digital::contrast),
  /** The only one that moves the labels. */
  ELASTIC_TRANSFORM(ElasticWarp::warp),
  PIXELATE(Digital::pixelate),
  JPEG_COMPRESSION(Digital::jpeg);

  /** How strong it can be: 1 to this. */
  public static final int SEVERITIES = 5;

  private static final double PUBLISHED_SIZE = 224;

  private interface OfColors {
    Colors apply(Colors colors, int severity, SplitMix64 random);
  }

  private interface OfImage {
    LabeledImage apply(LabeledImage image, int severity, SplitMix64 random);
  }

  private final OfImage change;

  Corruption(OfColors change) {
    this.change =
        (image, severity, random) -> change.apply(Colors.of(image), severity, random).on(image);
  }

  Corruption(OfImage change) {
    this.change = change;
  }

  /** The published name, e.g. {@code gaussian_noise}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The corrupted image.
   *
   * @param severity 1 to {@value #SEVERITIES}
   */
  public LabeledImage apply(LabeledImage image, int severity, long seed) {
    if (severity < 1 || severity > SEVERITIES) {
      throw new IllegalArgumentException("severity must be 1 to 5, not " + severity);
    }
    String stream = id() + " " + severity + " " + image.id();
    return change.apply(image, severity, new SplitMix64(seed).split(stream.hashCode()));
  }

  /** What lengths are multiplied by. */
  static double scale(Colors colors) {
    return Math.min(colors.width(), colors.height()) / PUBLISHED_SIZE;
  }
}
