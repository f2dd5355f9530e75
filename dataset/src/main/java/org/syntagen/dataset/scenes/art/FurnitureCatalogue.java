package org.syntagen.dataset.scenes.art;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.syntagen.dataset.Images;
import org.syntagen.dataset.InputException;

/**
 * A furniture catalogue (.sh3f): a zip archive with {@code PluginFurnitureCatalog.properties},
 * which numbers the models and names the rendered icon of each.
 */
final class FurnitureCatalogue {
  /** The largest catalogue that is read. */
  static final long MOST_BYTES = 256L << 20;

  private static final String INDEX = "PluginFurnitureCatalog.properties";
  private static final long MOST_INDEX_BYTES = 8L << 20;
  private static final long MOST_PICTURE_BYTES = 8L << 20;
  private static final Pattern ENTRY = Pattern.compile("(.+\\.sh3f) #(\\d{1,6})");

  private FurnitureCatalogue() {}

  static boolean matches(byte[] head, int length) {
    return length >= 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
  }

  /**
   * Takes the wanted pictures out of a catalogue.
   *
   * @param name the catalogue's file name, e.g. "Scopia.sh3f"
   * @param content the file itself
   * @param wanted items whose entry reads "Scopia.sh3f #36"
   * @param found receives the pictures
   */
  static void take(
      String name,
      byte[] content,
      List<ArtRecipe.Item> wanted,
      Map<ArtRecipe.Item, BufferedImage> found)
      throws IOException {
    try (ZipFile zip =
        ZipFile.builder().setSeekableByteChannel(new SeekableInMemoryByteChannel(content)).get()) {
      Properties index = null;
      for (ArtRecipe.Item item : wanted) {
        Matcher matcher = ENTRY.matcher(item.entry());
        if (!matcher.matches() || !matcher.group(1).equals(name)) {
          continue;
        }
        if (index == null) {
          index = index(name, zip);
        }
        found.put(item, picture(name, zip, index, item, matcher.group(2)));
      }
    }
  }

  private static BufferedImage picture(
      String name, ZipFile zip, Properties index, ArtRecipe.Item item, String number)
      throws IOException {
    String called = index.getProperty("name#" + number, "");
    if (!called.equals(item.name())) {
      throw new InputException(
          "%s is \"%s\" here, but the recipe of %s expects \"%s\"; use the package %s"
              .formatted(item.entry(), called, item.file(), item.name(), item.source()));
    }
    String icon = index.getProperty("icon#" + number, "").replaceFirst("^/", "");
    byte[] encoded = content(name, zip, icon, MOST_PICTURE_BYTES);
    return Images.readArgb(encoded, name + " " + icon);
  }

  private static Properties index(String name, ZipFile zip) throws IOException {
    Properties index = new Properties();
    try {
      index.load(new ByteArrayInputStream(content(name, zip, INDEX, MOST_INDEX_BYTES)));
    } catch (IllegalArgumentException e) {
      throw new InputException(name + " " + INDEX + " is damaged: " + e.getMessage(), e);
    }
    return index;
  }

  private static byte[] content(String name, ZipFile zip, String path, long most)
      throws IOException {
    ZipArchiveEntry entry = zip.getEntry(path);
    if (entry == null) {
      throw new InputException(name + " holds no " + path + "; download the package again");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return BoundedInput.readAll(in, most, name + " " + path);
    }
  }
}
