package org.syntagen.dataset.scenes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.syntagen.dataset.InputException;

/**
 * The table {@code licences.tsv} of a cut-out library: tab-separated, a header line first, one line
 * a picture with at least the columns file, class, split, source, creator and licence.
 *
 * @param rows the pictures in the table's order
 */
public record LicenceTable(List<Row> rows) {
  /** The table's name inside the library. */
  public static final String FILE = "licences.tsv";

  private static final List<String> COLUMNS =
      List.of("file", "class", "split", "source", "name", "creator", "licence", "width", "height");
  private static final List<String> NEEDED =
      List.of("file", "class", "split", "source", "creator", "licence");
  private static final Pattern SAFE_FILE = Pattern.compile("[a-z0-9_-]+/[A-Za-z0-9_-]+\\.png");
  private static final long MOST_BYTES = 8L << 20;

  /**
   * One picture.
   *
   * @param file its path inside the library, {@code class/name.png}
   * @param className the folder's name, which is the class
   * @param split which scenes may show it
   * @param source package, version and entry that it was taken from
   * @param name what its creator calls it
   * @param creator whom to credit
   * @param licence the SPDX name of its licence
   * @param line where it stands in the table, from 1; 0 for a row that was not read from a file
   */
  public record Row(
      String file,
      String className,
      Split split,
      String source,
      String name,
      String creator,
      String licence,
      int line) {}

  /** Copies the rows. */
  public LicenceTable {
    rows = List.copyOf(rows);
  }

  /**
   * Reads and checks the table of a library.
   *
   * @throws InputException naming the line at fault
   */
  public static LicenceTable read(Path folder) {
    Path path = folder.resolve(FILE);
    List<String> lines;
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new InputException(path + " is larger than 8 MiB; that is no licence table");
      }
      lines = Files.readAllLines(path, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new InputException(
          path + " is missing; a cut-out library is a folder of class/*.png with that table", e);
    } catch (IOException e) {
      throw new InputException(path + " cannot be read: " + e.getMessage(), e);
    }
    if (lines.isEmpty()) {
      throw new InputException(path + " is empty; expected a header line and one line a picture");
    }
    Map<String, Integer> columns = columns(path, lines.get(0));
    List<Row> rows = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        rows.add(row(path, i + 1, lines.get(i).split("\t", -1), columns));
      }
    }
    return new LicenceTable(rows);
  }

  /** The table as text; {@code sizes} holds {width, height} of each row's picture in pixels. */
  public String text(List<int[]> sizes) {
    StringBuilder text = new StringBuilder(String.join("\t", COLUMNS)).append('\n');
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      text.append(
              String.join(
                  "\t",
                  row.file,
                  row.className,
                  row.split.text(),
                  row.source,
                  row.name,
                  row.creator,
                  row.licence,
                  Integer.toString(sizes.get(i)[0]),
                  Integer.toString(sizes.get(i)[1])))
          .append('\n');
    }
    return text.toString();
  }

  private static Map<String, Integer> columns(Path path, String header) {
    Map<String, Integer> columns = new TreeMap<>();
    String[] names = header.split("\t", -1);
    for (int i = 0; i < names.length; i++) {
      columns.put(names[i], i);
    }
    for (String needed : NEEDED) {
      if (!columns.containsKey(needed)) {
        throw new InputException(
            "%s has no column \"%s\"; expected the columns %s separated by tabs"
                .formatted(path, needed, String.join(", ", NEEDED)));
      }
    }
    return columns;
  }

  private static Row row(Path path, int line, String[] cells, Map<String, Integer> columns) {
    if (cells.length < columns.size()) {
      throw new InputException(
          "%s line %d has %d cells, its header %d columns"
              .formatted(path, line, cells.length, columns.size()));
    }
    String file = cells[columns.get("file")];
    String className = cells[columns.get("class")];
    if (!SAFE_FILE.matcher(file).matches() || !file.startsWith(className + "/")) {
      throw new InputException(
          "%s line %d names the file \"%s\"; expected %s/<letters and digits>.png"
              .formatted(path, line, file, className));
    }
    String split = cells[columns.get("split")];
    if (!split.equals("train") && !split.equals("test")) {
      throw new InputException(
          "%s line %d puts %s in the split \"%s\"; expected train or test"
              .formatted(path, line, file, split));
    }
    String licence = cells[columns.get("licence")];
    if (licence.isBlank()) {
      throw new InputException(
          "%s line %d gives no licence for %s; add one or remove it".formatted(path, line, file));
    }
    Integer name = columns.get("name");
    return new Row(
        file,
        className,
        Split.parse(split),
        cells[columns.get("source")],
        name == null ? "" : cells[name],
        cells[columns.get("creator")],
        licence,
        line);
  }
}
