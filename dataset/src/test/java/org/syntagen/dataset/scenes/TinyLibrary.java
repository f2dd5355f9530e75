package org.syntagen.dataset.scenes;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.syntagen.dataset.Images;

/** A library of simple shapes: two cats, two dogs and one car. */
final class TinyLibrary {
  private TinyLibrary() {}

  static CutoutLibrary write(Path folder) {
    try {
      StringBuilder table =
          new StringBuilder("file\tclass\tsplit\tsource\tname\tcreator\tlicence\n");
      add(folder, table, "cat/0.png", "train", new Color(200, 120, 40), 40, 30);
      add(folder, table, "cat/1.png", "test", new Color(190, 130, 60), 36, 30);
      add(folder, table, "dog/0.png", "train", new Color(90, 70, 50), 50, 24);
      add(folder, table, "dog/1.png", "test", new Color(80, 80, 60), 44, 26);
      add(folder, table, "car/0.png", "train", new Color(30, 60, 200), 60, 20);
      Files.writeString(folder.resolve("licences.tsv"), table);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return CutoutLibrary.read(folder);
  }

  private static void add(
      Path folder,
      StringBuilder table,
      String file,
      String split,
      Color color,
      int width,
      int height)
      throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Images.writePng(path, ellipse(width, height, color));
    String className = file.substring(0, file.indexOf('/'));
    table.append(
        String.join("\t", file, className, split, "drawn", "ellipse", "test", "CC0-1.0") + "\n");
  }

  /** An opaque ellipse on a transparent ground. */
  static BufferedImage ellipse(int width, int height, Color color) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillOval(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  /** A cut-out of a label that has not been read from a file. */
  static Cutout cutout(int label) {
    return new Cutout(
        label, "x/0.png", Split.TRAIN, "CC0-1.0", "test", "drawn", ellipse(16, 16, Color.RED));
  }
}
