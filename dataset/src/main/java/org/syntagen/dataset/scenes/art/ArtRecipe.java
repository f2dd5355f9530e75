package org.syntagen.dataset.scenes.art;

import java.awt.Rectangle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;
import org.syntagen.dataset.scenes.Split;

/**
 * Which pictures of which packages a library is made of. As text it is a table separated by tabs
 * with a header line and the columns file, class, split, package, entry, name, creator, licence,
 * erase.
 *
 * @param items the pictures in the library's order
 */
public record ArtRecipe(List<Item> items) {
  private static final String BUNDLED = "recipe.tsv";
  private static final List<String> COLUMNS =
      List.of("file", "class", "split", "package", "entry", "name", "creator", "licence", "erase");
  private static final Pattern SAFE_FILE = Pattern.compile("[a-z0-9_-]+/[A-Za-z0-9_-]+\\.png");
  private static final Pattern RECTANGLE =
      Pattern.compile("(\\d{1,4}),(\\d{1,4}),(\\d{1,4}),(\\d{1,4})");
  private static final int MOST_BYTES = 8 << 20;

  /**
   * One picture.
   *
   * @param file its path inside the library, {@code class/name.png}
   * @param className the class it shows
   * @param split which scenes may show it
   * @param source the package with its version, e.g. "npm:@iconify-json/noto 1.2.9"
   * @param entry the picture inside the package: a file, an icon, or catalogue and number
   * @param name what the package calls it; a furniture catalogue must agree
   * @param creator whom to credit
   * @param licence the SPDX name of its licence
   * @param erase what to make transparent because it is not of the class, in pixels of the picture
   *     as the package has it (icons: drawn at 256×256)
   */
  public record Item(
      String file,
      String className,
      Split split,
      String source,
      String entry,
      String name,
      String creator,
      String licence,
      List<Rectangle> erase) {
    /** Checks the path and that nothing is missing. */
    public Item {
      Objects.requireNonNull(split, "split");
      erase = List.copyOf(erase);
      if (!SAFE_FILE.matcher(file).matches() || !file.startsWith(className + "/")) {
        throw new InputException(
            "the recipe names the file \"%s\"; expected %s/<letters and digits>.png"
                .formatted(file, className));
      }
      if (source.isBlank() || entry.isBlank() || creator.isBlank() || licence.isBlank()) {
        throw new InputException(
            "the recipe of " + file + " lacks its package, entry, creator or licence");
      }
    }
  }

  /** Checks that there is a picture and no file is named twice. */
  public ArtRecipe {
    items = List.copyOf(items);
    if (items.isEmpty()) {
      throw new InputException("the recipe names no picture");
    }
    Set<String> files = new HashSet<>();
    for (Item item : items) {
      if (!files.add(item.file)) {
        throw new InputException("the recipe names " + item.file + " twice");
      }
    }
  }

  /** The recipe of the library that comes with the program. */
  public static ArtRecipe bundled() {
    try (InputStream in = ArtRecipe.class.getResourceAsStream(BUNDLED)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), BUNDLED);
    } catch (IOException e) {
      throw new IllegalStateException("the bundled recipe cannot be read", e);
    }
  }

  /**
   * Reads a recipe.
   *
   * @throws InputException naming the line at fault
   */
  public static ArtRecipe read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new InputException(file + " is larger than 8 MiB; that is no recipe");
      }
      return parse(Files.readString(file, StandardCharsets.UTF_8), file.toString());
    } catch (IOException e) {
      throw new InputException(
          "the recipe %s cannot be read (%s)"
              .formatted(file, Files.exists(file) ? e.getMessage() : "there is no such file"),
          e);
    }
  }

  static ArtRecipe parse(String text, String where) {
    List<String> lines = text.lines().toList();
    if (lines.isEmpty() || !List.of(lines.get(0).split("\t", -1)).equals(COLUMNS)) {
      throw new InputException(
          "%s does not begin with the columns %s, separated by tabs"
              .formatted(where, String.join(", ", COLUMNS)));
    }
    List<Item> items = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] cells = lines.get(i).split("\t", -1);
      if (cells.length != COLUMNS.size()) {
        throw new InputException(
            "%s line %d has %d cells; expected %d"
                .formatted(where, i + 1, cells.length, COLUMNS.size()));
      }
      try {
        items.add(item(cells));
      } catch (InputException e) {
        throw new InputException("%s line %d: %s".formatted(where, i + 1, e.getMessage()), e);
      }
    }
    return new ArtRecipe(items);
  }

  private static Item item(String[] cells) {
    return new Item(
        cells[0],
        cells[1],
        Split.parse(cells[2]),
        cells[3],
        cells[4],
        cells[5],
        cells[6],
        cells[7],
        rectangles(cells[8]));
  }

  private static List<Rectangle> rectangles(String text) {
    List<Rectangle> rectangles = new ArrayList<>();
    if (!text.isBlank()) {
      for (String part : text.split(";")) {
        Matcher matcher = RECTANGLE.matcher(part.strip());
        if (!matcher.matches()) {
          throw new InputException(
              "\"" + part + "\" is no rectangle; expected x,y,width,height in pixels");
        }
        rectangles.add(
            new Rectangle(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3)),
                Integer.parseInt(matcher.group(4))));
      }
    }
    return rectangles;
  }
}
