package org.syntagen.server;

import static org.syntagen.server.Fault.any;
import static org.syntagen.server.Fault.noise;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.server.submission.Reason;

/** What is wrong with a single picture of an archive; the sound one is a palette PNG of 24×16. */
final class ImageFaults {
  private static final String NO_IMAGE = "%s is not an image; expected a PNG";
  private static final String BROKEN = "%s cannot be read as an image";

  private static final byte[] ZEROS = RawPng.packedZeros(64_000_000);

  private ImageFaults() {}

  /**
   * All of them.
   *
   * @param name of the picture, as messages tell it
   */
  static List<Fault<byte[]>> all(String name, Reason reason) {
    return List.of(
        fault(
            "PNG of 65,000 × 65,000",
            reason,
            name + " is 65000×65000 pixels; at most",
            (png, random) -> RawPng.of(png).sized(65_000, 65_000).bytes()),
        fault(
            "PNG of many pixels",
            reason,
            name + " is \\d+×\\d+ pixels; (at most|expected)",
            (png, random) -> {
              int width = random.inclusive(4000, 16_384);
              int height = random.inclusive(2000, 3900);
              return RawPng.of(png).sized(width, height).with("IDAT", data -> ZEROS).bytes();
            }),
        fault(
            "PNG without pixels",
            reason,
            BROKEN.formatted(name),
            (png, random) ->
                RawPng.of(png).sized(any(random, 0, -1, Integer.MIN_VALUE), 16).bytes()),
        fault(
            "PNG cut short",
            reason,
            BROKEN.formatted(name) + "|" + NO_IMAGE.formatted(name),
            (png, random) -> Arrays.copyOf(png, random.inclusive(0, png.length * 3 / 4 - 30))),
        fault(
            "PNG with noise for pixels",
            reason,
            BROKEN.formatted(name),
            (png, random) ->
                RawPng.of(png).with("IDAT", data -> noise(random, data.length)).bytes()),
        fault(
            "PNG of an unknown kind",
            reason,
            BROKEN.formatted(name),
            (png, random) -> {
              int field = random.inclusive(8, 12);
              return RawPng.of(png)
                  .with("IHDR", header -> ByteBuffer.wrap(header).put(field, (byte) 77).array())
                  .bytes();
            }),
        fault(
            "chunk whose length lies",
            reason,
            BROKEN.formatted(name),
            (png, random) ->
                RawPng.of(png)
                    .plus(
                        any(random, "tEXt", "iCCP", "zTXt", "iTXt", "sPLT", "unKn"),
                        noise(random, 30))
                    .lengthOf("tEXt", Integer.MAX_VALUE - random.nextInt(1000))
                    .lengthOf("iCCP", Integer.MAX_VALUE - random.nextInt(1000))
                    .lengthOf("zTXt", Integer.MAX_VALUE - random.nextInt(1000))
                    .lengthOf("iTXt", Integer.MAX_VALUE - random.nextInt(1000))
                    .lengthOf("sPLT", Integer.MAX_VALUE - random.nextInt(1000))
                    .lengthOf("unKn", Integer.MAX_VALUE - random.nextInt(1000))
                    .bytes()),
        fault("another format", reason, NO_IMAGE.formatted(name), ImageFaults::otherFormat),
        fault(
            "link",
            reason,
            NO_IMAGE.formatted(name),
            (png, random) ->
                any(random, "/etc/passwd", "../../../host.key", "../manifest.json")
                    .getBytes(StandardCharsets.UTF_8)));
  }

  /** What is wrong with a mask alone. */
  static List<Fault<byte[]>> ofMasks(String name, Reason reason) {
    return List.of(
        fault(
            "label that is none",
            reason,
            name + " holds label \\d+ at x=\\d+, y=\\d+",
            (png, random) -> {
              BufferedImage image = image(png);
              image
                  .getRaster()
                  .setSample(random.nextInt(24), random.nextInt(16), 0, random.inclusive(21, 254));
              return encoded(image, "png");
            }),
        fault(
            "mask without its palette",
            reason,
            BROKEN.formatted(name),
            (png, random) -> RawPng.of(png).without("PLTE").bytes()),
        fault(
            "mask of colours",
            reason,
            name + " is not a palette image",
            (png, random) -> {
              BufferedImage other =
                  new BufferedImage(
                      24,
                      16,
                      any(
                          random,
                          BufferedImage.TYPE_INT_RGB,
                          BufferedImage.TYPE_INT_ARGB,
                          BufferedImage.TYPE_BYTE_GRAY,
                          BufferedImage.TYPE_USHORT_GRAY));
              other.getGraphics().drawImage(image(png), 0, 0, null);
              return encoded(other, "png");
            }));
  }

  private static Fault<byte[]> fault(
      String kind, Reason reason, String message, Fault.Spoiling<byte[]> spoiling) {
    return Fault.of(kind, reason, message, spoiling);
  }

  private static byte[] otherFormat(byte[] png, SplitMix64 random) {
    return any(
        random,
        encoded(image(png), "gif"),
        encoded(image(png), "bmp"),
        tiff(random),
        noise(random, 500),
        RawZip.of(new byte[0]).with(RawZip.deflated("bomb", new byte[1 << 20])).bytes());
  }

  /** A picture of 24×16 in one tile of a thousand million pixels. */
  private static byte[] tiff(SplitMix64 random) {
    int side = random.inclusive(30_000, 32_000);
    int[][] tags = {
      {256, 24},
      {257, 16},
      {258, 8},
      {259, 1},
      {262, 1},
      {277, 1},
      {322, side},
      {323, side},
      {324, 8},
      {325, 100}
    };
    ByteBuffer tiff = ByteBuffer.allocate(300).order(ByteOrder.LITTLE_ENDIAN);
    tiff.putShort((short) 0x4949).putShort((short) 42).putInt(120).position(120);
    tiff.putShort((short) tags.length);
    for (int[] tag : tags) {
      tiff.putShort((short) tag[0]).putShort((short) 4).putInt(1).putInt(tag[1]);
    }
    return tiff.array();
  }

  static BufferedImage image(byte[] encoded) {
    try {
      return ImageIO.read(new java.io.ByteArrayInputStream(encoded));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] encoded(BufferedImage image, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalStateException("no writer for " + format);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
