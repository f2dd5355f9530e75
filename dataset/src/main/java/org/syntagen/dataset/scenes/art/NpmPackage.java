package org.syntagen.dataset.scenes.art;

import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A tarball of npm with pictures: files such as {@code assets/1f404.webp}, or a set of icons in
 * {@code icons.json}.
 */
final class NpmPackage {
  private static final String ROOT = "package/";
  private static final String ABOUT = ROOT + "package.json";
  private static final String ICONS = ROOT + "icons.json";
  private static final String ASSETS = ROOT + "assets/";
  private static final long MOST_UNPACKED = 1L << 30;
  private static final long MOST_ABOUT_BYTES = 1L << 20;
  private static final long MOST_ICONS_BYTES = 64L << 20;
  private static final long MOST_PICTURE_BYTES = 8L << 20;
  private static final int MOST_ENTRIES = 100_000;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private NpmPackage() {}

  static boolean matches(byte[] head, int length) {
    return length >= 2 && (head[0] & 0xFF) == 0x1F && (head[1] & 0xFF) == 0x8B;
  }

  /**
   * Takes the wanted pictures out of a tarball.
   *
   * @param wanted items whose source reads "npm:name version" and whose entry is the name of a file
   *     in {@code assets/} or of an icon
   * @param found receives the pictures
   * @throws InputException if none is wanted of this package, or one is not there
   */
  static void take(Path file, List<ArtRecipe.Item> wanted, Map<ArtRecipe.Item, BufferedImage> found)
      throws IOException {
    byte[] about = contents(file, ABOUT::equals).get(ABOUT);
    if (about == null) {
      throw new InputException(file + " is no npm package: it has no package.json");
    }
    JsonNode fields = json(about, file + " package.json");
    String source =
        "npm:" + fields.path("name").asString("") + " " + fields.path("version").asString("");
    List<ArtRecipe.Item> items =
        wanted.stream().filter(item -> item.source().equals(source)).toList();
    if (items.isEmpty()) {
      throw new InputException(
          "%s is %s, of which the recipe wants nothing; it wants %s"
              .formatted(file, source, String.join(", ", sources(wanted))));
    }
    Map<String, byte[]> contents =
        contents(
            file,
            path ->
                items.stream()
                    .anyMatch(item -> path.equals(isFile(item) ? ASSETS + item.entry() : ICONS)));
    JsonNode icons =
        contents.containsKey(ICONS) ? json(contents.get(ICONS), file + " icons.json") : null;
    for (ArtRecipe.Item item : items) {
      found.put(item, picture(file, item, contents, icons));
    }
  }

  private static BufferedImage picture(
      Path file, ArtRecipe.Item item, Map<String, byte[]> contents, JsonNode icons) {
    if (isFile(item)) {
      byte[] encoded = contents.get(ASSETS + item.entry());
      if (encoded == null) {
        throw new InputException(file + " holds no " + ASSETS + item.entry());
      }
      return Images.readArgb(encoded, file + " " + item.entry());
    }
    JsonNode icon = icons == null ? null : icons.path("icons").get(item.entry());
    if (icon == null || !icon.path("body").isString()) {
      throw new InputException(file + " holds no icon " + item.entry());
    }
    int width = icon.path("width").asInt(icons.path("width").asInt(16));
    int height = icon.path("height").asInt(icons.path("height").asInt(16));
    return IconRenderer.render(
        icon.path("body").asString(), width, height, file + " " + item.entry());
  }

  private static boolean isFile(ArtRecipe.Item item) {
    return item.entry().indexOf('.') >= 0;
  }

  private static List<String> sources(List<ArtRecipe.Item> items) {
    return items.stream().map(ArtRecipe.Item::source).distinct().sorted().toList();
  }

  /** The content of the accepted files by path; of a path that occurs twice, the first. */
  private static Map<String, byte[]> contents(Path file, Predicate<String> accepted)
      throws IOException {
    Map<String, byte[]> contents = new HashMap<>();
    try (InputStream packed = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        InputStream unpacked =
            new BoundedInput(new GZIPInputStream(packed), MOST_UNPACKED, file.toString());
        TarArchiveInputStream tar = new TarArchiveInputStream(unpacked)) {
      int entries = 0;
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (++entries > MOST_ENTRIES) {
          throw new InputException(file + " holds more than " + MOST_ENTRIES + " files");
        }
        String path = entry.getName();
        if (entry.isFile() && accepted.test(path) && !contents.containsKey(path)) {
          contents.put(path, BoundedInput.readAll(tar, most(path), file + " " + path));
        }
      }
    }
    return contents;
  }

  private static long most(String path) {
    return switch (path) {
      case ABOUT -> MOST_ABOUT_BYTES;
      case ICONS -> MOST_ICONS_BYTES;
      default -> MOST_PICTURE_BYTES;
    };
  }

  private static JsonNode json(byte[] content, String where) {
    try {
      return MAPPER.readTree(content);
    } catch (JacksonException e) {
      throw new InputException(where + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }
}
