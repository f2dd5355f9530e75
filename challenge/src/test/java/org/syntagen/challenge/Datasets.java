package org.syntagen.challenge;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.LabelMap;
import org.syntagen.dataset.SplitMix64;

/** Small datasets and rules that fit them, for tests. */
public final class Datasets {
  /** At most 3 pairs of 24×16 pixels. */
  public static final Rules RULES =
      new Rules(
          3,
          24,
          16,
          CompetitionFile.example().rules().classes(),
          List.of("stable-diffusion-1"),
          new Rules.Training("deeplabv3_resnet50", 10, 2));

  private Datasets() {}

  /** An image whose pixels depend on the number. */
  public static BufferedImage image(int width, int height, int number) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    SplitMix64 random = new SplitMix64(number);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, (int) random.nextLong() & 0xFFFFFF);
      }
    }
    return image;
  }

  /** A mask with a block of one class that depends on the number. */
  public static LabelMap mask(int width, int height, int number) {
    byte[] labels = new byte[width * height];
    for (int i = 0; i < labels.length / 2; i++) {
      labels[i] = (byte) (1 + number % 20);
    }
    return new LabelMap(width, height, labels);
  }

  /** Writes pairs that keep {@link #RULES} as image/, mask/ and train.txt. */
  public static void write(Path folder, String... stems) {
    write(folder, "image", "mask", ".", stems);
  }

  /** Writes pairs as a VOC devkit does. */
  public static void writeDevkit(Path folder, String... stems) {
    write(folder, "JPEGImages", "SegmentationClass", "ImageSets/Segmentation", stems);
  }

  private static void write(
      Path folder, String images, String masks, String lists, String... stems) {
    try {
      Files.createDirectories(folder.resolve(images));
      Files.createDirectories(folder.resolve(masks));
      Files.createDirectories(folder.resolve(lists));
      for (int i = 0; i < stems.length; i++) {
        Images.writePng(folder.resolve(images).resolve(stems[i] + ".png"), image(24, 16, i));
        mask(24, 16, i).write(folder.resolve(masks).resolve(stems[i] + ".png"));
      }
      Files.writeString(
          folder.resolve(lists).resolve("train.txt"), String.join("\n", stems) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Packs all files of a folder. */
  public static Path zip(Path folder, Path zip) {
    try (OutputStream out = Files.newOutputStream(zip);
        ZipOutputStream archive = new ZipOutputStream(out);
        Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
        archive.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        Files.copy(file, archive);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return zip;
  }
}
