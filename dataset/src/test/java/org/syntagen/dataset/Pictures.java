package org.syntagen.dataset;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Small images, masks and datasets for tests, different for every number. */
public final class Pictures {
  private Pictures() {}

  /** An RGB image whose pixels depend on the number. */
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

  /** A mask of legal labels that depend on the number, with some void. */
  public static LabelMap mask(int width, int height, int number) {
    byte[] labels = new byte[width * height];
    SplitMix64 random = new SplitMix64(number);
    for (int i = 0; i < labels.length; i++) {
      int label = random.nextInt(22);
      labels[i] = (byte) (label == 21 ? ClassSet.VOID : label);
    }
    return new LabelMap(width, height, labels);
  }

  /** What sample {@code number} was made from. */
  public static SampleOrigin origin(long seed, int number) {
    return new SampleOrigin(
        "a photo of a cat, number " + number,
        List.of("cat"),
        SampleSeed.of(seed, number),
        Map.of("steps", 25, "guidance", 7.5, "scheduler", "ddim"));
  }

  /** The header of a dataset of so many small samples. */
  public static DatasetHeader header(int count, long seed) {
    return new DatasetHeader(
        "small",
        ClassSet.VOC,
        count,
        seed,
        Map.of("kind", "test", "steps", 25),
        Map.of("kind", "exact"),
        "syntagen 0.1.0");
  }

  /** Writes the missing samples of a run, at most so many, without finishing it. */
  public static void writeSome(DatasetWriter writer, int most) {
    long seed = writer.header().seed();
    writer
        .missing()
        .limit(most)
        .forEach(i -> writer.write(i, image(12, 8, i), mask(12, 8, i), origin(seed, i)));
  }

  /** A dataset in the bare layout: image/, mask/ and train.txt. */
  public static void writeBare(Path folder, String... stems) {
    try {
      Files.createDirectories(folder.resolve("image"));
      Files.createDirectories(folder.resolve("mask"));
      for (int i = 0; i < stems.length; i++) {
        Images.writePng(folder.resolve("image").resolve(stems[i] + ".png"), image(12, 8, i));
        mask(12, 8, i).write(folder.resolve("mask").resolve(stems[i] + ".png"));
      }
      Files.writeString(folder.resolve("train.txt"), String.join("\n", stems) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
