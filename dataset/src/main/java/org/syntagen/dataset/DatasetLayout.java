package org.syntagen.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where a dataset keeps its files.
 *
 * @param images the folder of the images
 * @param masks the folder of the masks
 * @param lists the folder of the lists of stems, {@code <list>.txt}
 */
public record DatasetLayout(Path images, Path masks, Path lists) {
  static final String IMAGES = "image";
  static final String MASKS = "mask";
  static final String HEADER = "dataset.json";
  static final String SAMPLES = "samples.jsonl";
  static final String JOURNAL = "journal";

  private static final List<String> IMAGE_ENDINGS = List.of(".png", ".jpg", ".jpeg", ".webp");
  private static final int MOST_STEM_BYTES = 1024;
  private static final int MOST_FILES = 2_000_000;

  /** The layout that this program writes: {@code image/}, {@code mask/} and lists beside them. */
  static DatasetLayout own(Path folder) {
    return new DatasetLayout(folder.resolve(IMAGES), folder.resolve(MASKS), folder);
  }

  /**
   * The layout that a folder has: our own, or that of a VOC devkit.
   *
   * @throws InputException if it has neither
   */
  public static DatasetLayout of(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          "there is no dataset folder %s; expected a folder with image/, mask/ and train.txt"
              .formatted(folder));
    }
    if (Files.isDirectory(folder.resolve(JOURNAL)) && !Files.exists(folder.resolve(HEADER))) {
      throw new InputException(
          folder + " holds an unfinished dataset; run the command that makes it again to go on");
    }
    DatasetLayout own = own(folder);
    if (Files.isDirectory(own.images)) {
      return own;
    }
    DatasetLayout devkit =
        new DatasetLayout(
            folder.resolve("JPEGImages"),
            folder.resolve("SegmentationClass"),
            folder.resolve("ImageSets").resolve("Segmentation"));
    if (Files.isDirectory(devkit.images)) {
      return devkit;
    }
    throw new InputException(
        folder
            + " is no dataset; expected image/, mask/ and train.txt, or a VOC devkit's JPEGImages/,"
            + " SegmentationClass/ and ImageSets/Segmentation/");
  }

  /**
   * The stems of a list in its order.
   *
   * @param list the name of the list without ".txt", e.g. "train"
   * @throws InputException if the list is missing, empty, names a stem twice, or one that could
   *     lead out of the folder
   */
  public List<String> stems(String list) {
    if (!SampleId.safe(list)) {
      throw new InputException(
          "\"" + list + "\" is no name of a list; expected the name of a .txt file, e.g. train");
    }
    Path file = lists.resolve(list + ".txt");
    if (!Files.isRegularFile(file)) {
      throw new InputException("the list %s is missing; expected one stem a line".formatted(file));
    }
    List<String> lines = BoundedLines.read(file, MOST_STEM_BYTES, SampleId.BOUND).all();
    List<String> ids = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < lines.size(); i++) {
      String id = lines.get(i).strip();
      if (id.isEmpty()) {
        continue;
      }
      if (!SampleId.safe(id)) {
        throw new InputException(
            "%s line %d: \"%s\" is no stem of a file; expected letters, digits and . _ - only"
                .formatted(file, i + 1, id));
      }
      if (!seen.add(id)) {
        throw new InputException("%s line %d: %s is listed twice".formatted(file, i + 1, id));
      }
      ids.add(id);
    }
    if (ids.isEmpty()) {
      throw new InputException("the dataset is empty: " + file + " lists no sample");
    }
    return List.copyOf(ids);
  }

  /**
   * The images of the layout by stem.
   *
   * @throws InputException if the folder is missing, or two images have the same stem
   */
  public Map<String, Path> imagesByStem() {
    return byStem(images, IMAGE_ENDINGS);
  }

  /**
   * The masks of the layout by stem.
   *
   * @throws InputException as {@link #imagesByStem}
   */
  public Map<String, Path> masksByStem() {
    return byStem(masks, List.of(".png"));
  }

  private static Map<String, Path> byStem(Path folder, List<String> endings) {
    if (!Files.isDirectory(folder)) {
      throw new InputException("the dataset's folder " + folder + " is missing");
    }
    Map<String, Path> found = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files.limit(MOST_FILES)::iterator) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        if (dot <= 0 || !endings.contains(name.substring(dot).toLowerCase(Locale.ROOT))) {
          continue;
        }
        Path other = found.put(name.substring(0, dot), file);
        if (other != null) {
          throw new InputException(
              "%s and %s have the same stem; keep one of them".formatted(other, file));
        }
      }
    } catch (IOException e) {
      throw new InputException(folder + " cannot be listed: " + e.getMessage(), e);
    }
    return found;
  }
}
