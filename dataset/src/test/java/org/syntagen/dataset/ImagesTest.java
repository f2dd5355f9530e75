package org.syntagen.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

class ImagesTest {
  private static final String TINY_WEBP =
      "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAgA0JaQAA3AA/vuUAAA=";

  @TempDir Path folder;

  @Test
  void anRgbImageSurvivesTheDisk() throws IOException {
    BufferedImage image = Pictures.image(19, 7, 3);
    Path file = folder.resolve("a.png");
    Images.writePng(file, image);
    BufferedImage read = Images.readRgb(file);
    assertThat(read.getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
    assertThat(Fingerprint.ofImage(read)).isEqualTo(Fingerprint.ofImage(image));
  }

  /** Java's own reader of metadata is the witness. */
  @ParameterizedTest
  @ValueSource(
      strings = {"a caf\u00e9\nSteps: 2, Seed: 1", "\u732b and \u201ccat\u201d\nSteps: 2", ""})
  void parametersAreInATextChunkAndLeaveThePixelsAlone(String text) throws IOException {
    BufferedImage image = Pictures.image(19, 7, 3);
    Path file = folder.resolve("a.png");
    Images.writePng(file, image, text);
    assertThat(Fingerprint.ofImage(Images.readRgb(file))).isEqualTo(Fingerprint.ofImage(image));
    boolean latin = text.chars().allMatch(c -> c < 256);
    assertThat(textChunk(file, latin ? "tEXt" : "iTXt")).isEqualTo(text);
    byte[] bytes = Files.readAllBytes(file);
    Images.writePng(file, image, text);
    assertThat(file).hasBinaryContent(bytes);
  }

  @Test
  void aTruncatedJpegIsRefused() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    ImageIO.write(Pictures.image(64, 48, 3), "jpeg", whole);
    Path file = folder.resolve("a.jpg");
    Files.write(file, whole.toByteArray());
    assertThat(Images.readRgb(file).getWidth()).isEqualTo(64);
    for (int length : new int[] {whole.size() / 2, whole.size() - 2}) {
      Files.write(file, Arrays.copyOf(whole.toByteArray(), length));
      assertThatExceptionOfType(InputException.class)
          .isThrownBy(() -> Images.readRgb(file))
          .withMessageStartingWith(file + " cannot be read as an image (Truncated File");
    }
  }

  @Test
  void controlCharactersDoNotReachTheChunk() throws IOException {
    Path file = folder.resolve("a.png");
    Images.writePng(file, Pictures.image(2, 2, 3), "a\0b\r\n\u001b[31m");
    assertThat(textChunk(file, "tEXt")).isEqualTo("a b \n [31m");
  }

  private static String textChunk(Path file, String type) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      ImageReader reader = ImageIO.getImageReaders(in).next();
      reader.setInput(in);
      Node root = reader.getImageMetadata(0).getAsTree("javax_imageio_png_1.0");
      for (Node node = root.getFirstChild(); node != null; node = node.getNextSibling()) {
        if (node.getNodeName().equals(type)) {
          NamedNodeMap entry = node.getFirstChild().getAttributes();
          assertThat(entry.getNamedItem("keyword").getNodeValue()).isEqualTo("parameters");
          return entry.getNamedItem(type.equals("tEXt") ? "value" : "text").getNodeValue();
        }
      }
      throw new AssertionError("no " + type + " chunk in " + file);
    }
  }

  /**
   * A compressed text that would fill 64 MiB is never unpacked, and a length that lies is refused.
   */
  @Test
  void textsOfOthersCostNothing() throws IOException {
    Path file = folder.resolve("a.png");
    Images.writePng(file, Pictures.image(4, 4, 3), "x");
    byte[] plain = Files.readAllBytes(file);
    byte[] bomb = new byte[1 << 17];
    Deflater deflater = new Deflater(9);
    deflater.setInput(new byte[64 << 20]);
    deflater.finish();
    int length = deflater.deflate(bomb);
    deflater.end();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(plain, 0, 33);
    out.writeInt(3 + length);
    byte[] content = new byte[7 + length];
    System.arraycopy("zTXtk\0\0".getBytes(StandardCharsets.US_ASCII), 0, content, 0, 7);
    System.arraycopy(bomb, 0, content, 7, length);
    CRC32 crc = new CRC32();
    crc.update(content);
    out.write(content);
    out.writeInt((int) crc.getValue());
    out.write(plain, 33, plain.length - 33);
    Files.write(file, bytes.toByteArray());
    assertThat(Fingerprint.ofImage(Images.readRgb(file)))
        .isEqualTo(Fingerprint.ofImage(Pictures.image(4, 4, 3)));

    byte[] lying = plain.clone();
    lying[33] = 0x7f; // of the text chunk's length
    Files.write(file, lying);
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Images.readRgb(file))
        .withMessageContaining("a.png");
  }

  @Test
  void jpegAndWebpAreReadAsRgb() throws IOException {
    ImageIO.write(Pictures.image(16, 16, 1), "jpg", folder.resolve("a.jpg").toFile());
    Files.write(folder.resolve("b.webp"), Base64.getDecoder().decode(TINY_WEBP));
    assertThat(Images.readRgb(folder.resolve("a.jpg")).getWidth()).isEqualTo(16);
    assertThat(Images.readRgb(folder.resolve("b.webp")).getWidth()).isEqualTo(1);
  }

  @Test
  void greyAndTransparentImagesKeepTheirLevels() throws IOException {
    BufferedImage grey = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage clear = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    for (int level = 0; level < 256; level++) {
      grey.getRaster().setSample(level, 0, 0, level);
    }
    clear.setRGB(0, 0, 0xFF804020);
    clear.setRGB(1, 0, 0x00FFFFFF);
    ImageIO.write(grey, "png", folder.resolve("grey.png").toFile());
    ImageIO.write(clear, "png", folder.resolve("clear.png").toFile());
    BufferedImage read = Images.readRgb(folder.resolve("grey.png"));
    for (int level = 0; level < 256; level++) {
      assertThat(read.getRGB(level, 0)).isEqualTo(0xFF000000 | level * 0x010101);
    }
    BufferedImage opaque = Images.readRgb(folder.resolve("clear.png"));
    assertThat(opaque.getRGB(0, 0)).isEqualTo(0xFF804020);
    assertThat(opaque.getRGB(1, 0)).as("transparent").isEqualTo(0xFF000000);
  }

  @Test
  void writingLeavesNothingButTheFile() throws IOException {
    Images.writePng(folder.resolve("a.png"), Pictures.image(4, 4, 1));
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("a.png"));
    }
  }

  @Test
  void aFailedWriteKeepsWhatWasThereAndLeavesNoPart() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeText(file, "before");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write("half".getBytes(StandardCharsets.UTF_8));
                      throw new IOException("No space left on device");
                    }));
    assertThat(file).hasContent("before");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void aMissingFileAFolderAndATextAreNoImages() throws IOException {
    Files.writeString(folder.resolve("text.png"), "no image at all");
    Files.createFile(folder.resolve("empty.png"));
    for (String name : new String[] {"text.png", "empty.png"}) {
      assertThatExceptionOfType(InputException.class)
          .isThrownBy(() -> Images.readRgb(folder.resolve(name)))
          .withMessageContaining(name)
          .withMessageContaining("is not an image");
    }
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Images.readRgb(folder.resolve("none.png")))
        .withMessageContaining("there is no image");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Images.readRgb(folder))
        .withMessageContaining("is a folder");
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 20, 33, 50, 100})
  void aTruncatedImageIsNamed(int length) throws IOException {
    Path file = folder.resolve("whole.png");
    Images.writePng(file, Pictures.image(40, 40, 1));
    Path cut = folder.resolve("cut.png");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(file), length));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Images.readRgb(cut))
        .withMessageContaining("cut.png");
  }

  @Test
  void damagedBytesNeverEscapeAsAnotherException() throws IOException {
    Path file = folder.resolve("whole.png");
    Images.writePng(file, Pictures.image(20, 20, 1));
    byte[] whole = Files.readAllBytes(file);
    SplitMix64 random = new SplitMix64(7);
    Path damaged = folder.resolve("damaged.png");
    for (int i = 0; i < 300; i++) {
      byte[] bytes = whole.clone();
      for (int change = 0; change < 3; change++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(damaged, bytes);
      try {
        Images.readRgb(damaged);
      } catch (InputException expected) {
        assertThat(expected).hasMessageContaining("damaged.png");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"100000x1", "16384x16384", "2147483647x2147483647"})
  void enormousDimensionsAreRefusedBeforeDecoding(String size) throws IOException {
    String[] sides = size.split("x");
    Path file = folder.resolve("bomb.png");
    Files.write(file, header(Integer.parseInt(sides[0]), Integer.parseInt(sides[1])));
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> Images.readRgb(file))
        .withMessageContaining("bomb.png")
        .withMessageContaining(sides[0] + "×" + sides[1])
        .withMessageContaining("64 million");
  }

  /** A PNG that consists of little more than a header with the given sides. */
  private static byte[] header(int width, int height) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    DataOutputStream ihdr = new DataOutputStream(chunk);
    ihdr.writeBytes("IHDR");
    ihdr.writeInt(width);
    ihdr.writeInt(height);
    ihdr.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(chunk.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    out.writeInt(13);
    out.write(chunk.toByteArray());
    out.writeInt((int) crc.getValue());
    out.writeInt(0);
    out.writeBytes("IDAT");
    out.writeInt(0x35AF061E);
    return file.toByteArray();
  }
}
