package org.syntagen.dataset;

import java.awt.Color;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * The classes that a dataset's masks speak of, in label order: label 0 is the background and label
 * {@link #VOID} (255) marks pixels that belong to no class and count in no measure.
 *
 * @param names the class names, name of label i at position i
 * @param words how a prompt says each class, e.g. "dining table" for {@code diningtable}
 */
public record ClassSet(List<String> names, List<String> words) {
  /** The label of pixels that are left out of training and evaluation. */
  public static final int VOID = 255;

  /** The 20 classes of PASCAL VOC and the background, in the devkit's order. */
  public static final ClassSet VOC =
      new ClassSet(
          List.of(
              "background",
              "aeroplane",
              "bicycle",
              "bird",
              "boat",
              "bottle",
              "bus",
              "car",
              "cat",
              "chair",
              "cow",
              "diningtable",
              "dog",
              "horse",
              "motorbike",
              "person",
              "pottedplant",
              "sheep",
              "sofa",
              "train",
              "tvmonitor"),
          List.of(
              "background",
              "aeroplane",
              "bicycle",
              "bird",
              "boat",
              "bottle",
              "bus",
              "car",
              "cat",
              "chair",
              "cow",
              "dining table",
              "dog",
              "horse",
              "motorbike",
              "person",
              "potted plant",
              "sheep",
              "sofa",
              "train",
              "tv monitor"));

  private static final int MOST_SUGGESTIONS = 3;

  /**
   * Checks that there are 2 to 255 distinct, non-blank names and as many words.
   *
   * @throws IllegalArgumentException if not
   */
  public ClassSet {
    names = List.copyOf(names);
    words = List.copyOf(words);
    if (names.size() < 2 || names.size() > VOID) {
      throw new IllegalArgumentException(
          "a class set holds 2 to 255 names (background first), not " + names.size());
    }
    if (words.size() != names.size()) {
      throw new IllegalArgumentException(
          "a class set needs words for each name: " + names.size() + " names, " + words.size());
    }
    if (names.stream().anyMatch(String::isBlank) || words.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("a class set holds no blank name");
    }
    if (new HashSet<>(names).size() != names.size()) {
      throw new IllegalArgumentException("a class set holds each name once: " + names);
    }
  }

  /** A class set whose prompt words are the names themselves. */
  public static ClassSet of(List<String> names) {
    return new ClassSet(names, names);
  }

  /** How many labels there are, the background included (21 for VOC). */
  public int size() {
    return names.size();
  }

  /** The name of a label, e.g. "tvmonitor". */
  public String name(int label) {
    return names.get(label);
  }

  /** What a prompt calls a label, e.g. "tv monitor". */
  public String words(int label) {
    return words.get(label);
  }

  /** Words with their indefinite article: "an aeroplane", "a red bus". */
  public static String withArticle(String words) {
    boolean vowel = "aeiou".indexOf(words.toLowerCase(Locale.ROOT).charAt(0)) >= 0;
    return (vowel ? "an " : "a ") + words;
  }

  /** What a caption calls some labels: "a dog, a cat and a tv monitor". */
  public String listing(List<Integer> labels) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < labels.size(); i++) {
      if (i > 0) {
        text.append(i == labels.size() - 1 ? " and " : ", ");
      }
      text.append(withArticle(words(labels.get(i))));
    }
    return text.toString();
  }

  /** Whether a mask may hold this value: a label of the set, or void. */
  public boolean legal(int label) {
    return label >= 0 && label < size() || label == VOID;
  }

  /**
   * The label of a class given by its name or by its prompt words.
   *
   * @throws InputException if there is no such class; it names the nearest ones
   */
  public int label(String name) {
    String wanted = name.strip().toLowerCase(Locale.ROOT);
    int label = names.indexOf(name.strip());
    if (label < 0) {
      label = position(names, wanted);
    }
    if (label < 0) {
      label = position(words, wanted);
    }
    if (label < 0) {
      throw new InputException(
          "there is no class \"%s\"; did you mean %s? The classes are: %s"
              .formatted(name, String.join(" or ", nearest(wanted)), String.join(", ", names)));
    }
    return label;
  }

  private static int position(List<String> among, String lowerCase) {
    return among.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList().indexOf(lowerCase);
  }

  /**
   * The colour of a label in VOC's palette, which spreads the bits of the label over the high bits
   * of red, green and blue. Defined for 0 to 255.
   */
  public Color color(int label) {
    return new Color(paletteColor(label));
  }

  /** VOC's palette colour of a label as 0xRRGGBB. */
  static int paletteColor(int label) {
    int red = 0;
    int green = 0;
    int blue = 0;
    for (int bit = 7, rest = label; rest > 0; bit--, rest >>= 3) {
      red |= (rest & 1) << bit;
      green |= (rest >> 1 & 1) << bit;
      blue |= (rest >> 2 & 1) << bit;
    }
    return red << 16 | green << 8 | blue;
  }

  private List<String> nearest(String wanted) {
    List<String> sorted = new ArrayList<>(names);
    sorted.sort(Comparator.comparingInt(known -> distance(wanted, known)));
    int best = distance(wanted, sorted.get(0));
    return sorted.stream()
        .filter(known -> distance(wanted, known) <= best)
        .limit(MOST_SUGGESTIONS)
        .toList();
  }

  /** The number of single-character edits between two strings (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
