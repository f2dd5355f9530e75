package org.syntagen.dataset;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A dataset on disk, read lazily: opening it lists the files, and images and masks are decoded and
 * checked when they are asked for. Immutable and thread-safe.
 *
 * <p>Three layouts are read: the one that {@link DatasetWriter} writes; its bare form with {@code
 * image/}, {@code mask/} and {@code train.txt} only; and a VOC devkit ({@code JPEGImages/}, {@code
 * SegmentationClass/}, {@code ImageSets/Segmentation/<list>.txt}). Without {@code dataset.json} the
 * classes are VOC's.
 */
public final class Dataset {
  /** The list that is read unless another one is named. */
  public static final String DEFAULT_LIST = "train";

  private static final long MOST_HEADER_BYTES = 16L << 20;

  /**
   * An image with its mask; both have the same size.
   *
   * @param image the image ({@link BufferedImage#TYPE_INT_RGB})
   * @param mask its labels
   */
  public record Pair(BufferedImage image, LabelMap mask) {}

  private final Path folder;
  private final ClassSet classes;
  private final Optional<DatasetHeader> header;
  private final Optional<String> recordedFingerprint;
  private final List<String> ids;
  private final List<Path> images;
  private final List<Path> masks; // empty if the dataset was opened for its images only
  private final Map<String, Sample> samples;

  private Dataset(Path folder, String list, boolean withMasks) {
    DatasetLayout layout = DatasetLayout.of(folder);
    this.folder = folder;
    Optional<JsonFields> fields = headerFields(folder);
    this.header = fields.map(DatasetHeader::parse);
    this.recordedFingerprint = fields.map(found -> found.text("fingerprint"));
    this.classes = header.map(DatasetHeader::classes).orElse(ClassSet.VOC);
    this.ids = layout.stems(list);
    this.images = files(ids, layout.imagesByStem(), "image", layout.images());
    this.masks = withMasks ? files(ids, layout.masksByStem(), "mask", layout.masks()) : List.of();
    this.samples = samples(folder);
  }

  /**
   * Opens the samples of {@code train.txt}.
   *
   * @throws InputException as {@link #open(Path, String)}
   */
  public static Dataset open(Path folder) {
    return open(folder, DEFAULT_LIST);
  }

  /**
   * Opens the samples of a list.
   *
   * @param list the name of the list without ".txt", e.g. "val"
   * @throws InputException if a folder, the list, an image or a mask is missing, the list is empty,
   *     a stem could lead out of the folder, or the dataset's own files are damaged
   */
  public static Dataset open(Path folder, String list) {
    return new Dataset(folder, list, true);
  }

  /**
   * Opens the images and prompts of a list without looking for masks, which need not exist; asking
   * for one fails.
   *
   * @throws InputException as {@link #open(Path, String)}
   */
  public static Dataset openImages(Path folder, String list) {
    return new Dataset(folder, list, false);
  }

  /** Where the dataset lies. */
  public Path folder() {
    return folder;
  }

  /** The classes of the masks. */
  public ClassSet classes() {
    return classes;
  }

  /** What the dataset is a function of, if it says so in {@code dataset.json}. */
  public Optional<DatasetHeader> header() {
    return header;
  }

  /** How many samples there are; at least 1. */
  public int size() {
    return ids.size();
  }

  /** The ids in the list's order. */
  public List<String> ids() {
    return ids;
  }

  /** The file of the image at a position in the list. */
  public Path imageFile(int position) {
    return images.get(position);
  }

  /**
   * The file of the mask at a position in the list.
   *
   * @throws IllegalStateException if the dataset was opened for its images only
   */
  public Path maskFile(int position) {
    if (masks.isEmpty()) {
      throw new IllegalStateException(folder + " was opened for its images only");
    }
    return masks.get(position);
  }

  /** What {@code samples.jsonl} says of the sample at a position, if anything. */
  public Optional<Sample> sample(int position) {
    return Optional.ofNullable(samples.get(ids.get(position)));
  }

  /**
   * Reads an image.
   *
   * @throws InputException naming the file if it is broken
   */
  public BufferedImage image(int position) {
    return Images.readRgb(imageFile(position));
  }

  /**
   * Reads a mask.
   *
   * @throws InputException naming the file if it is broken or holds an illegal label
   */
  public LabelMap mask(int position) {
    return LabelMap.read(maskFile(position), classes);
  }

  /**
   * Reads an image with its mask.
   *
   * @throws InputException naming the files if one is broken or their sizes differ
   */
  public Pair pair(int position) {
    BufferedImage image = image(position);
    LabelMap mask = mask(position);
    if (image.getWidth() != mask.width() || image.getHeight() != mask.height()) {
      throw new InputException(
          "the mask %s is %d×%d, its image %s %d×%d; expected equal sizes"
              .formatted(
                  maskFile(position),
                  mask.width(),
                  mask.height(),
                  imageFile(position).getFileName(),
                  image.getWidth(),
                  image.getHeight()));
    }
    return new Pair(image, mask);
  }

  /** The fingerprint that {@code dataset.json} records, if there is one. */
  public Optional<String> recordedFingerprint() {
    return recordedFingerprint;
  }

  /** The {@link Fingerprint} of the listed samples, from the pixels on disk; decodes every file. */
  public String fingerprint() {
    return Fingerprint.of(IntStream.range(0, size()).parallel().mapToObj(this::entry).toList());
  }

  /**
   * A sample's part in that.
   *
   * @throws InputException naming the file if image or mask is broken
   */
  public Fingerprint.Entry entry(int position) {
    return new Fingerprint.Entry(
        ids.get(position),
        Fingerprint.ofImage(image(position)),
        Fingerprint.ofMask(mask(position)));
  }

  /** How much of each class the masks show; decodes every mask. */
  public DatasetStatistics statistics() {
    DatasetStatistics.Tally tally = new DatasetStatistics.Tally(classes);
    for (int i = 0; i < size(); i++) {
      tally.add(mask(i));
    }
    return tally.total();
  }

  /** The fields of {@code dataset.json}, if the folder has one. */
  static Optional<JsonFields> headerFields(Path folder) {
    Path file = folder.resolve(DatasetLayout.HEADER);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      if (Files.size(file) > MOST_HEADER_BYTES) {
        throw new InputException(file + " is larger than 16 MiB; that is no dataset header");
      }
      return Optional.of(
          JsonFields.parse(Files.readString(file, StandardCharsets.UTF_8), file.toString()));
    } catch (IOException e) {
      throw new InputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<Path> files(
      List<String> ids, Map<String, Path> byStem, String what, Path where) {
    List<Path> files = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String id : ids) {
      Path file = byStem.get(id);
      if (file == null) {
        missing.add(id);
      } else {
        files.add(file);
      }
    }
    if (!missing.isEmpty()) {
      throw new InputException(
          "%s holds no %s of %s%s, which the list names"
              .formatted(
                  where,
                  what,
                  missing.get(0),
                  missing.size() == 1 ? "" : " and " + (missing.size() - 1) + " others"));
    }
    return List.copyOf(files);
  }

  private static Map<String, Sample> samples(Path folder) {
    Path file = folder.resolve(DatasetLayout.SAMPLES);
    if (!Files.exists(file)) {
      return Map.of();
    }
    Map<String, Sample> samples = new HashMap<>();
    List<String> lines = BoundedLines.read(file, Journal.MOST_BYTES, SampleId.BOUND).all();
    for (int i = 0; i < lines.size(); i++) {
      Sample sample = Sample.parse(lines.get(i), file + " line " + (i + 1));
      if (samples.put(sample.id(), sample) != null) {
        throw new InputException(
            "%s line %d: %s appears twice".formatted(file, i + 1, sample.id()));
      }
    }
    return samples;
  }
}
