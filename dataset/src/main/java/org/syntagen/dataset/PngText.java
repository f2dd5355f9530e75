package org.syntagen.dataset;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * A text in a PNG file: a tEXt chunk if Latin-1 has all its characters, else an iTXt chunk in UTF-8
 * (PNG specification, third edition, 11.3.3). It stands behind the header, before the pixels.
 */
final class PngText {
  private static final int HEADER = 8 + 12 + 13; // signature and IHDR

  private PngText() {}

  /**
   * The file with the text put in.
   *
   * @param png a whole PNG file
   * @param keyword 1 to 79 letters
   * @param text control characters but line feeds become spaces
   */
  static byte[] insert(byte[] png, String keyword, String text) {
    String clean = text.replaceAll("[\\p{Cc}&&[^\n]]", " ");
    boolean latin = StandardCharsets.ISO_8859_1.newEncoder().canEncode(clean);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(keyword.getBytes(StandardCharsets.ISO_8859_1));
    // Of iTXt: not compressed, no language, no translated keyword.
    content.writeBytes(new byte[latin ? 1 : 5]);
    content.writeBytes(
        clean.getBytes(latin ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8));
    ByteArrayOutputStream file = new ByteArrayOutputStream(png.length + content.size() + 12);
    file.write(png, 0, HEADER);
    file.writeBytes(chunk(latin ? "tEXt" : "iTXt", content.toByteArray()));
    file.writeBytes(Arrays.copyOfRange(png, HEADER, png.length));
    return file.toByteArray();
  }

  private static byte[] chunk(String type, byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      CRC32 crc = new CRC32();
      crc.update(type.getBytes(StandardCharsets.US_ASCII));
      crc.update(content);
      out.writeInt(content.length);
      out.writeBytes(type);
      out.write(content);
      out.writeInt((int) crc.getValue());
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail so", e);
    }
    return bytes.toByteArray();
  }
}
