package org.syntagen.challenge.check;

import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.syntagen.challenge.Rules;
import org.syntagen.dataset.Dataset;
import org.syntagen.dataset.DatasetLayout;
import org.syntagen.dataset.Fingerprint;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.LabelMap;

/**
 * The rules on a folder: {@code image/}, {@code mask/} and {@code train.txt}, or a VOC devkit,
 * either of them within one wrapper folder. Every image and mask is decoded, its size looked at
 * first.
 */
public final class DatasetCheck {
  /** Told of each pair that was looked at, from several threads. */
  @FunctionalInterface
  public interface Listener {
    /** So many pairs are done, of so many. */
    void looked(int done, int total);

    /** A pair of the right size that could be read, so that nobody need decode it again. */
    default void read(Fingerprint.Entry hashes, BufferedImage image, LabelMap mask) {}
  }

  private static final int MOST_SHOWN = 20;

  private final Rules rules;

  public DatasetCheck(Rules rules) {
    this.rules = rules;
  }

  /** What an archive of a dataset may hold: pairs, what operating systems add, and some files. */
  public UnpackedZip.Bounds bounds(long mostBytes) {
    return new UnpackedZip.Bounds(4 * rules.maxPairs() + 1000, mostBytes);
  }

  /**
   * The folder of the dataset: the given one, or the only one in it.
   *
   * @throws InputException if it cannot be listed
   */
  public static Path root(Path folder) {
    List<Path> entries = entries(folder);
    return entries.size() == 1 && Files.isDirectory(entries.get(0)) ? entries.get(0) : folder;
  }

  /**
   * Checks a dataset.
   *
   * @param folder what {@link #root} returned
   */
  public CheckReport run(Path folder, Listener listener) {
    List<String> violations = new ArrayList<>();
    List<Fingerprint.Entry> samples = List.of();
    try {
      DatasetLayout layout = DatasetLayout.of(folder);
      Map<String, Path> images = layout.imagesByStem();
      Map<String, Path> masks = layout.masksByStem();
      List<String> stems = layout.stems(Dataset.DEFAULT_LIST);
      violations.addAll(counts(stems, images.keySet(), masks.keySet()));
      List<String> pairs =
          stems.stream()
              .filter(stem -> images.containsKey(stem) && masks.containsKey(stem))
              .limit(rules.maxPairs())
              .toList();
      AtomicInteger done = new AtomicInteger();
      List<Pair> looked =
          IntStream.range(0, pairs.size())
              .parallel()
              .mapToObj(
                  i -> {
                    String stem = pairs.get(i);
                    Pair pair = look(folder, stem, images.get(stem), masks.get(stem), listener);
                    listener.looked(done.incrementAndGet(), pairs.size());
                    return pair;
                  })
              .toList();
      looked.forEach(pair -> violations.addAll(pair.violations));
      samples = looked.stream().flatMap(pair -> pair.hashes.stream()).toList();
    } catch (InputException e) {
      violations.add(relative(folder, e.getMessage()));
    }
    return new CheckReport(expected(), found(folder), violations, samples);
  }

  /** A pair that was decoded; no hashes if that failed. */
  private record Pair(List<String> violations, Optional<Fingerprint.Entry> hashes) {}

  private List<String> counts(List<String> stems, Set<String> images, Set<String> masks) {
    List<String> violations = new ArrayList<>();
    if (stems.size() > rules.maxPairs()) {
      violations.add(
          "train.txt lists %d pairs; expected at most %d"
              .formatted(stems.size(), rules.maxPairs()));
    }
    Set<String> listed = new TreeSet<>(stems);
    unmatched(violations, "train.txt lists %s, of which there is no image", listed, images);
    unmatched(violations, "train.txt lists %s, of which there is no mask", listed, masks);
    unmatched(violations, "there is an image of %s, which train.txt does not list", images, listed);
    unmatched(violations, "there is a mask of %s, which train.txt does not list", masks, listed);
    return violations;
  }

  private static void unmatched(
      List<String> violations, String message, Collection<String> of, Set<String> in) {
    TreeSet<String> rest = new TreeSet<>(of);
    rest.removeAll(in);
    rest.stream().limit(MOST_SHOWN).forEach(stem -> violations.add(message.formatted(stem)));
    if (rest.size() > MOST_SHOWN) {
      violations.add(message.formatted(rest.size() - MOST_SHOWN + " others"));
    }
  }

  private Pair look(Path folder, String stem, Path imageFile, Path maskFile, Listener listener) {
    List<String> violations = new ArrayList<>();
    Optional<Fingerprint.Entry> hashes = Optional.empty();
    try {
      checkSize(folder, imageFile, violations);
      checkSize(folder, maskFile, violations);
      if (violations.isEmpty()) {
        BufferedImage image = Images.readRgb(imageFile);
        LabelMap mask = LabelMap.read(maskFile, rules.classSet());
        Fingerprint.Entry entry =
            new Fingerprint.Entry(stem, Fingerprint.ofImage(image), Fingerprint.ofMask(mask));
        listener.read(entry, image, mask);
        hashes = Optional.of(entry);
      }
    } catch (InputException e) {
      violations.add(relative(folder, e.getMessage()));
    }
    return new Pair(violations, hashes);
  }

  private void checkSize(Path folder, Path file, List<String> violations) {
    Dimension size = Images.size(file);
    if (size.width != rules.width() || size.height != rules.height()) {
      violations.add(
          "%s is %d×%d pixels; expected %d×%d"
              .formatted(
                  folder.relativize(file), size.width, size.height, rules.width(), rules.height()));
    }
  }

  private String expected() {
    return ("image/, mask/ and train.txt (or JPEGImages/, SegmentationClass/ and"
            + " ImageSets/Segmentation/train.txt), at most %d pairs of %d×%d pixels, labels 0 to %d"
            + " and 255")
        .formatted(rules.maxPairs(), rules.width(), rules.height(), rules.classes().size() - 1);
  }

  private static String found(Path folder) {
    List<Path> entries = entries(folder);
    List<String> names = new ArrayList<>();
    for (Path entry : entries.subList(0, Math.min(MOST_SHOWN, entries.size()))) {
      String name = entry.getFileName().toString();
      names.add(
          Files.isDirectory(entry)
              ? "%s/ (%d entries)".formatted(name, entries(entry).size())
              : name);
    }
    if (entries.size() > MOST_SHOWN) {
      names.add(entries.size() - MOST_SHOWN + " others");
    }
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }

  private static List<Path> entries(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !UnpackedZip.isClutter(file.getFileName().toString()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InputException(folder + " cannot be listed: " + e.getMessage(), e);
    }
  }

  /** What is wrong with files of a folder, without telling where that happens to lie. */
  public static String relative(Path folder, String message) {
    String inside = message.replace(folder + folder.getFileSystem().getSeparator(), "");
    return inside.startsWith(folder + " ")
        ? "the folder" + inside.substring(folder.toString().length())
        : inside;
  }
}
