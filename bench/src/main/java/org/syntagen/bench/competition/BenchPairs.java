package org.syntagen.bench.competition;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.SplitMix64;

/**
 * Pairs of any size: pictures of waves with the grain of a photograph, whose PNG files are about as
 * large as a photograph's, and masks of three ellipses with a void rim as VOC's have. A pair
 * follows from its number; after {@value #DISTINCT} they come again, in files of their own.
 *
 * @param width of each, in pixels
 * @param height of each, in pixels
 */
record BenchPairs(int width, int height) {
  private static final int DISTINCT = 500;
  private static final int ELLIPSES = 3;
  private static final double GRAIN = 16; // levels
  private static final double RIM = 1.15; // squared, in radii of an ellipse

  /** Writes pairs as image/, mask/ and train.txt, unless the folder is there. */
  Path write(Path folder, int count) throws IOException {
    if (Files.exists(folder)) {
      return folder;
    }
    Path images = Files.createDirectories(folder.resolve("image"));
    Path masks = Files.createDirectories(folder.resolve("mask"));
    IntStream.range(0, Math.min(DISTINCT, count))
        .parallel()
        .forEach(
            number -> {
              try {
                Images.writePng(images.resolve(file(number)), image(number));
                mask(number, ClassSet.VOID).write(masks.resolve(file(number)));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    for (int number = DISTINCT; number < count; number++) {
      Files.copy(images.resolve(file(number % DISTINCT)), images.resolve(file(number)));
      Files.copy(masks.resolve(file(number % DISTINCT)), masks.resolve(file(number)));
    }
    Files.writeString(
        folder.resolve("train.txt"),
        IntStream.range(0, count).mapToObj("%06d\n"::formatted).collect(Collectors.joining()));
    return folder;
  }

  /**
   * Writes a zip of predictions of such pairs, unless it is there: the masks, with background for
   * their rims.
   */
  Path writePredictions(Path zip, int count) throws IOException {
    if (Files.exists(zip)) {
      return zip;
    }
    Path png = Files.createTempFile("prediction", ".png");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (int number = 0; number < count; number++) {
        mask(number % DISTINCT, 0).write(png);
        out.putNextEntry(new ZipEntry(file(number)));
        Files.copy(png, out);
      }
    } finally {
      Files.delete(png);
    }
    return zip;
  }

  private static String file(int number) {
    return "%06d.png".formatted(number);
  }

  private BufferedImage image(int number) {
    SplitMix64 random = new SplitMix64(number);
    double[] waves = IntStream.range(0, 9).mapToDouble(i -> random.between(0.005, 0.05)).toArray();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = 0;
        for (int channel = 0; channel < 3; channel++) {
          double wave =
              Math.sin(waves[3 * channel] * x + number)
                  + Math.sin(waves[3 * channel + 1] * y)
                  + Math.sin(waves[3 * channel + 2] * (x + y));
          rgb = rgb << 8 | (int) (128 + 35 * wave + random.between(-GRAIN / 2, GRAIN / 2));
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  private LabelMap mask(int number, int rim) {
    SplitMix64 random = new SplitMix64(number);
    byte[] labels = new byte[width * height];
    for (int ellipse = 0; ellipse < ELLIPSES; ellipse++) {
      int label = random.inclusive(1, 20);
      double centreX = random.between(0, width);
      double centreY = random.between(0, height);
      double radiusX = random.between(0.05, 0.4) * width;
      double radiusY = random.between(0.05, 0.4) * height;
      for (int p = 0; p < labels.length; p++) {
        double dx = (p % width - centreX) / radiusX;
        double dy = (p / width - centreY) / radiusY;
        double distance = dx * dx + dy * dy;
        if (distance < RIM) {
          labels[p] = (byte) (distance < 1 ? label : rim);
        }
      }
    }
    return new LabelMap(width, height, labels);
  }
}
