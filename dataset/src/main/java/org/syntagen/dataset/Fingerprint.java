package org.syntagen.dataset;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/**
 * What identifies images, masks and whole datasets by content. Hashes are taken of decoded pixels,
 * so that saving a picture again, or with another compressor, does not change them. All are SHA-256
 * in lower-case hex.
 */
public final class Fingerprint {
  /**
   * One sample's part in a dataset's fingerprint.
   *
   * @param id the sample's id
   * @param imageHash the hash of its image
   * @param maskHash the hash of its mask
   */
  public record Entry(String id, String imageHash, String maskHash) {
    /** {@code id SP image hash SP mask hash LF}. */
    public String line() {
      return id + " " + imageHash + " " + maskHash + "\n";
    }
  }

  private Fingerprint() {}

  /**
   * The hash of a picture: of its width and height as 32-bit big-endian numbers, then red, green
   * and blue of every pixel, row by row.
   */
  public static String ofImage(BufferedImage image) {
    MessageDigest digest = sized(image.getWidth(), image.getHeight());
    digest.update(Images.rgb(image));
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The hash of a picture with transparency: as {@link #ofImage}, but with red, green, blue and
   * alpha of every pixel; what is wholly transparent counts as black.
   */
  public static String ofTransparent(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    MessageDigest digest = sized(width, height);
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    ByteBuffer bytes = ByteBuffer.allocate(4 * pixels.length);
    for (int pixel : pixels) {
      bytes.putInt(pixel >>> 24 == 0 ? 0 : pixel << 8 | pixel >>> 24);
    }
    digest.update(bytes.array());
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The hash of a text in UTF-8. */
  public static String ofText(String text) {
    return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The hash of a file's bytes. */
  public static String ofFile(Path file) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The hash of a mask: of its width and height as 32-bit big-endian numbers, then the labels row
   * by row.
   */
  public static String ofMask(LabelMap mask) {
    MessageDigest digest = sized(mask.width(), mask.height());
    digest.update(mask.labels());
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The fingerprint of a dataset: the hash of one {@link Entry#line} a sample, in the order of the
   * ids. The order in which the entries are given does not matter.
   */
  public static String of(Collection<Entry> samples) {
    List<Entry> sorted = samples.stream().sorted(Comparator.comparing(Entry::id)).toList();
    MessageDigest digest = sha256();
    for (Entry entry : sorted) {
      digest.update(entry.line().getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sized(int width, int height) {
    MessageDigest digest = sha256();
    digest.update(ByteBuffer.allocate(8).putInt(width).putInt(height).array());
    return digest;
  }

  /** A new SHA-256. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
