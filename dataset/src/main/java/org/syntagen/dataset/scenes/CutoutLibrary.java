package org.syntagen.dataset.scenes;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.syntagen.dataset.ClassSet;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;

/**
 * The cut-outs that scenes are composed of: a folder of {@code class/*.png} with the table {@code
 * licences.tsv}, which gives every picture its class, split, source and licence. Immutable.
 *
 * <p>A class with one cut-out only shows it in both splits; every other cut-out belongs to one.
 */
public final class CutoutLibrary {
  private static final int MOST_PICTURES = 10_000;
  private static final int MOST_SIDE = 2048;
  private static final int LEAST_SIDE = 8;
  private static final int OPAQUE = 128;

  private final ClassSet classes;
  private final List<Cutout> cutouts;
  private final Map<Integer, List<Cutout>> byLabel = new HashMap<>();

  private CutoutLibrary(ClassSet classes, List<Cutout> cutouts) {
    this.classes = classes;
    this.cutouts = List.copyOf(cutouts);
    for (Cutout cutout : cutouts) {
      byLabel.computeIfAbsent(cutout.label(), label -> new ArrayList<>()).add(cutout);
    }
  }

  /**
   * Reads a library of VOC's classes.
   *
   * @throws InputException if the folder or table is missing, a picture is not in the table or the
   *     other way round, a class is unknown or a picture is unusable
   */
  public static CutoutLibrary read(Path folder) {
    return read(folder, ClassSet.VOC);
  }

  /** Reads a library whose folders are named by the given classes; see {@link #read(Path)}. */
  public static CutoutLibrary read(Path folder, ClassSet classes) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "there is no cut-out library %s; expected a folder of class/*.png with %s"
              .formatted(folder, LicenceTable.FILE));
    }
    LicenceTable table = LicenceTable.read(folder);
    compareWithFolder(folder, table);
    List<Cutout> cutouts = new ArrayList<>();
    for (LicenceTable.Row row : table.rows()) {
      int label = label(folder, row, classes);
      BufferedImage image = picture(folder.resolve(row.file()));
      cutouts.add(
          new Cutout(
              label, row.file(), row.split(), row.licence(), row.creator(), row.source(), image));
    }
    if (cutouts.isEmpty()) {
      throw new InputException("the cut-out library " + folder + " holds no picture");
    }
    return new CutoutLibrary(classes, cutouts);
  }

  /** The classes that the labels of the cut-outs speak of. */
  public ClassSet classes() {
    return classes;
  }

  /** All cut-outs in the table's order. */
  public List<Cutout> cutouts() {
    return cutouts;
  }

  /** The labels that have a cut-out, ascending. */
  public List<Integer> labels() {
    return byLabel.keySet().stream().sorted().toList();
  }

  /**
   * What scenes of a split may show of a class, in the table's order: its cut-outs of that split,
   * or its only cut-out where there is but one.
   */
  public List<Cutout> of(int label, Split split) {
    List<Cutout> all = byLabel.getOrDefault(label, List.of());
    if (all.size() == 1) {
      return all;
    }
    return all.stream().filter(cutout -> cutout.split() == split).toList();
  }

  /**
   * What identifies the library: SHA-256 in hex over one line a cut-out, {@code file SP split SP
   * pixel hash LF}, in the order of the files.
   */
  public String fingerprint() {
    StringBuilder lines = new StringBuilder();
    for (Cutout cutout : cutouts.stream().sorted(Comparator.comparing(Cutout::file)).toList()) {
      String pixels = Fingerprint.ofTransparent(cutout.image());
      lines.append(cutout.file()).append(' ').append(cutout.split().text());
      lines.append(' ').append(pixels).append('\n');
    }
    return Fingerprint.ofText(lines.toString());
  }

  private static int label(Path folder, LicenceTable.Row row, ClassSet classes) {
    int label;
    try {
      label = classes.label(row.className());
    } catch (InputException e) {
      throw new InputException(
          "%s line %d: %s".formatted(folder.resolve(LicenceTable.FILE), row.line(), e.getMessage()),
          e);
    }
    if (label == 0) {
      throw new InputException(
          "%s line %d: \"%s\" is not a class of objects"
              .formatted(folder.resolve(LicenceTable.FILE), row.line(), row.className()));
    }
    return label;
  }

  private static BufferedImage picture(Path file) {
    BufferedImage image = Images.readArgb(file);
    int width = image.getWidth();
    int height = image.getHeight();
    if (Math.max(width, height) > MOST_SIDE || Math.min(width, height) < LEAST_SIDE) {
      throw new InputException(
          "the cut-out %s is %d×%d pixels; expected sides of %d to %d"
              .formatted(file, width, height, LEAST_SIDE, MOST_SIDE));
    }
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    int opaque = 0;
    for (int pixel : pixels) {
      opaque += pixel >>> 24 >= OPAQUE ? 1 : 0;
    }
    if (opaque == 0 || isOpaque(pixels)) {
      throw new InputException(
          "the cut-out %s is wholly %s; expected an object on a transparent ground"
              .formatted(file, opaque == 0 ? "transparent" : "opaque"));
    }
    return image;
  }

  private static boolean isOpaque(int[] pixels) {
    for (int pixel : pixels) {
      if (pixel >>> 24 != 255) {
        return false;
      }
    }
    return true;
  }

  private static void compareWithFolder(Path folder, LicenceTable table) {
    Set<String> listed = new HashSet<>();
    for (LicenceTable.Row row : table.rows()) {
      if (!listed.add(row.file())) {
        throw new InputException(
            "%s line %d lists %s a second time"
                .formatted(folder.resolve(LicenceTable.FILE), row.line(), row.file()));
      }
    }
    Set<String> present = pictures(folder);
    for (String file : new TreeSet<>(listed)) {
      if (!present.contains(file)) {
        throw new InputException(
            "%s lists %s, but there is no such file; restore it or remove its line"
                .formatted(folder.resolve(LicenceTable.FILE), file));
      }
    }
    for (String file : new TreeSet<>(present)) {
      if (!listed.contains(file)) {
        throw new InputException(
            "%s has no line in %s; add its source and licence or remove the file"
                .formatted(folder.resolve(file), LicenceTable.FILE));
      }
    }
  }

  private static Set<String> pictures(Path folder) {
    try (Stream<Path> files = Files.walk(folder, 2, FileVisitOption.FOLLOW_LINKS)) {
      List<String> found =
          files
              .filter(file -> file.getNameCount() == folder.getNameCount() + 2)
              .filter(file -> file.getFileName().toString().endsWith(".png"))
              .map(file -> file.getParent().getFileName() + "/" + file.getFileName())
              .limit(MOST_PICTURES + 1L)
              .toList();
      if (found.size() > MOST_PICTURES) {
        throw new InputException(
            "the cut-out library %s holds more than %d pictures".formatted(folder, MOST_PICTURES));
      }
      return new HashSet<>(found);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder + ": " + e.getMessage(), e);
    }
  }
}
