package org.syntagen.diffusion;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.diffusion.vae.AutoencoderKl;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.Tensors;

/**
 * The images that a dataset's samples start from: sample i from image i mod n, in the order of
 * their names. All are read and checked before the first is used, and read again when needed.
 */
public final class InitialImages {
  private record Image(Path file, String fingerprint) {}

  private final List<Image> images;
  private final double strength;

  private InitialImages(List<Image> images, double strength) {
    this.images = images;
    this.strength = strength;
  }

  /**
   * Checks the images that samples start from.
   *
   * @param source an image, or a folder of images and nothing else but hidden files
   * @param strength as {@link ImageStart#strength}
   * @param settings whose width and height every image must have
   * @param samples how many samples there are; images that none starts from are not looked at
   * @throws InputException if there are none, one is no image or has another size, or the strength
   *     is less than one step
   * @throws IllegalArgumentException if the strength is out of range
   */
  public static InitialImages read(
      Path source, double strength, GenerationSettings settings, int samples) {
    ImageStart.requireStrength(strength);
    ImageStart.skipped(strength, settings.steps());
    List<Path> files = files(source);
    if (files.isEmpty()) {
      throw new InputException(source + ": the folder is empty; expected images to start from");
    }
    return new InitialImages(
        files.stream()
            .limit(samples)
            .map(file -> new Image(file, checked(file, settings)))
            .toList(),
        strength);
  }

  private static List<Path> files(Path source) {
    if (!Files.isDirectory(source)) {
      return List.of(source);
    }
    try (Stream<Path> files = Files.list(source)) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(source + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String checked(Path file, GenerationSettings settings) {
    BufferedImage image = Images.readRgb(file);
    if (image.getWidth() != settings.width() || image.getHeight() != settings.height()) {
      throw new InputException(
          "%s: %dx%d pixels, expected %dx%d as the generated images; scale it"
              .formatted(
                  file, image.getWidth(), image.getHeight(), settings.width(), settings.height()));
    }
    return Fingerprint.ofImage(image);
  }

  public int count() {
    return images.size();
  }

  public double strength() {
    return strength;
  }

  /** SHA-256 of all images' fingerprints, a line each, in their order. */
  public String fingerprint() {
    return Fingerprint.ofText(
        String.join("", images.stream().map(image -> image.fingerprint + "\n").toList()));
  }

  /** The fingerprint of the image that a sample starts from. */
  public String fingerprint(int sample) {
    return of(sample).fingerprint;
  }

  /**
   * What a sample starts from.
   *
   * @return one image, [1, 3, height, width], owned by the open scope
   * @throws InputException if the file is no longer what it was
   */
  public ImageStart start(int sample) {
    Image image = of(sample);
    BufferedImage decoded = Images.readRgb(image.file);
    if (!Fingerprint.ofImage(decoded).equals(image.fingerprint)) {
      throw new InputException(image.file + ": the image changed during the run; start it again");
    }
    byte[] planes = Images.planes(decoded);
    return new ImageStart(
        Scope.compute(
            () ->
                AutoencoderKl.normalise(
                    Tensors.of(planes, 1, 3, decoded.getHeight(), decoded.getWidth()))),
        strength);
  }

  private Image of(int sample) {
    return images.get(sample % images.size());
  }
}
