package org.syntagen.dataset;

import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Bounded, checked reading of images and atomic writing of PNG files. The header is looked at
 * before any pixel is decoded, so a small file that claims enormous dimensions costs nothing.
 */
public final class Images {
  /** The largest width or height that is read, in pixels. */
  public static final int MOST_SIDE = 16_384;

  /** The most pixels that are read of one image. */
  public static final long MOST_PIXELS = 64_000_000L;

  /** As ImageIO calls them. Its other readers believe what a stranger's file says of itself. */
  private static final Set<String> FORMATS = Set.of("png", "jpeg", "webp");

  private Images() {}

  /**
   * Reads a PNG, JPEG or WebP image as 8-bit RGB ({@link BufferedImage#TYPE_INT_RGB}); transparent
   * parts become black.
   *
   * @throws InputException if the file is missing, no image, broken or larger than the limits
   */
  public static BufferedImage readRgb(Path file) {
    BufferedImage decoded = read(file);
    if (decoded.getType() == BufferedImage.TYPE_INT_RGB) {
      return decoded;
    }
    BufferedImage rgb =
        new BufferedImage(decoded.getWidth(), decoded.getHeight(), BufferedImage.TYPE_INT_RGB);
    draw(decoded, rgb);
    return rgb;
  }

  /**
   * The width and height that an image's header claims; no pixel is decoded.
   *
   * @throws InputException if the file is missing, no image or larger than the limits
   */
  public static Dimension size(Path file) {
    return read(file, reader -> new Dimension(reader.getWidth(0), reader.getHeight(0)));
  }

  /**
   * Reads an image with its transparency ({@link BufferedImage#TYPE_INT_ARGB}, not premultiplied).
   *
   * @throws InputException as {@link #readRgb}
   */
  public static BufferedImage readArgb(Path file) {
    return toArgb(read(file));
  }

  /**
   * Decodes an image that was taken out of an archive; see {@link #readArgb(Path)}.
   *
   * @param encoded the content of an image file
   * @param name what to call it in an error
   */
  public static BufferedImage readArgb(byte[] encoded, String name) {
    return toArgb(decode(new ByteArrayInputStream(encoded), name, Images::pixels));
  }

  /** Reads an image as the file stores it; a palette image keeps its palette. */
  static BufferedImage read(Path file) {
    return read(file, Images::pixels);
  }

  /** What is wanted of an image whose header is known to be within the limits. */
  private interface Decoding<T> {
    T of(ImageReader reader) throws IOException;
  }

  /** Java's JPEG decoder only warns of a truncated file and makes the rest of it grey. */
  private static BufferedImage pixels(ImageReader reader) throws IOException {
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    BufferedImage image = reader.read(0);
    for (String warning : warnings) {
      if (warning.startsWith("Truncated")) {
        throw new IIOException(warning);
      }
    }
    return image;
  }

  private static <T> T read(Path file, Decoding<T> decoding) {
    if (Files.isDirectory(file)) {
      throw new InputException(file + " is a folder; expected an image file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return decode(in, file.toString(), decoding);
    } catch (NoSuchFileException e) {
      throw new InputException("there is no image " + file, e);
    } catch (IOException e) {
      throw unreadable(file.toString(), e);
    }
  }

  private static <T> T decode(InputStream encoded, String name, Decoding<T> decoding) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(encoded)) {
      ImageReader reader = reader(in, name);
      try {
        reader.setInput(in, true, true);
        checkSize(name, reader.getWidth(0), reader.getHeight(0));
        return decoding.of(reader);
      } finally {
        reader.dispose();
      }
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Decoders meet damaged data with unchecked exceptions of many kinds, too.
      throw unreadable(name, e);
    }
  }

  /** The pixels of an image: (height, width, 3), unsigned bytes. */
  public static byte[] rgb(BufferedImage image) {
    int[] packed = packed(image);
    byte[] rgb = new byte[3 * packed.length];
    for (int p = 0; p < packed.length; p++) {
      rgb[3 * p] = (byte) (packed[p] >> 16);
      rgb[3 * p + 1] = (byte) (packed[p] >> 8);
      rgb[3 * p + 2] = (byte) packed[p];
    }
    return rgb;
  }

  /** Red, green and blue in the lower 24 bits of each pixel; the upper 8 mean nothing. */
  private static int[] packed(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = new int[width * height];
    return image.getType() == BufferedImage.TYPE_INT_RGB
        ? (int[]) image.getRaster().getDataElements(0, 0, width, height, pixels)
        : image.getRGB(0, 0, width, height, pixels, 0, width); // slow: asks for each pixel
  }

  private static ImageReader reader(ImageInputStream in, String name) throws IOException {
    for (ImageReader reader : (Iterable<ImageReader>) () -> ImageIO.getImageReaders(in)) {
      if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
        return reader;
      }
    }
    throw new InputException(
        name + " is not an image; expected a PNG, JPEG or WebP file; replace or remove it");
  }

  /** The red, green and blue planes of an image, one after the other: (3, height, width). */
  public static byte[] planes(BufferedImage image) {
    int[] rgb = packed(image);
    byte[] planes = new byte[3 * rgb.length];
    for (int p = 0; p < rgb.length; p++) {
      planes[p] = (byte) (rgb[p] >> 16);
      planes[rgb.length + p] = (byte) (rgb[p] >> 8);
      planes[2 * rgb.length + p] = (byte) rgb[p];
    }
    return planes;
  }

  /**
   * The image of given pixels.
   *
   * @param rgb (height, width, 3), unsigned bytes
   */
  public static BufferedImage ofRgb(byte[] rgb, int width, int height) {
    int[] pixels = new int[width * height];
    for (int p = 0; p < pixels.length; p++) {
      pixels[p] = (rgb[3 * p] & 255) << 16 | (rgb[3 * p + 1] & 255) << 8 | rgb[3 * p + 2] & 255;
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, width, height, pixels, 0, width);
    return image;
  }

  /**
   * Writes a PNG that appears under its name only when whole.
   *
   * @throws IOException if the folder is missing or full
   */
  public static void writePng(Path file, BufferedImage image) throws IOException {
    AtomicFile.write(file, out -> out.write(encode(image)));
  }

  /**
   * Writes a PNG with what it was made with, under the keyword "parameters" that image tools read.
   * Readers of pixels pass over it.
   *
   * @throws IOException as {@link #writePng(Path, BufferedImage)}
   */
  public static void writePng(Path file, BufferedImage image, String parameters)
      throws IOException {
    AtomicFile.write(
        file, out -> out.write(PngText.insert(encode(image), "parameters", parameters)));
  }

  private static byte[] encode(BufferedImage image) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream(1 << 16);
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(encoded)) {
      if (!ImageIO.write(image, "png", out)) {
        throw new IOException("no PNG writer for an image of type " + image.getType());
      }
    }
    return encoded.toByteArray();
  }

  private static InputException unreadable(String name, Exception e) {
    // What unchecked exceptions say is of the decoder's inside.
    String reason =
        e instanceof IOException && e.getMessage() != null ? e.getMessage() : "it is damaged";
    return new InputException(
        name + " cannot be read as an image (" + reason + "); replace or remove it", e);
  }

  private static BufferedImage toArgb(BufferedImage decoded) {
    BufferedImage argb =
        new BufferedImage(decoded.getWidth(), decoded.getHeight(), BufferedImage.TYPE_INT_ARGB);
    draw(decoded, argb);
    return argb;
  }

  private static void checkSize(String name, int width, int height) {
    if (width < 1
        || height < 1
        || width > MOST_SIDE
        || height > MOST_SIDE
        || (long) width * height > MOST_PIXELS) {
      throw new InputException(
          "%s is %d×%d pixels; at most %d on a side and %d million in all are read; scale it down"
              .formatted(name, width, height, MOST_SIDE, MOST_PIXELS / 1_000_000));
    }
  }

  private static void draw(BufferedImage from, BufferedImage to) {
    Graphics2D graphics = to.createGraphics();
    try {
      graphics.drawImage(from, 0, 0, null);
    } finally {
      graphics.dispose();
    }
  }
}
