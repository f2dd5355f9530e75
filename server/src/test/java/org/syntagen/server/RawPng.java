package org.syntagen.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** A PNG chunk by chunk: whatever these say, their checksums are right. Source: RFC 2083. */
final class RawPng {
  private static final int SIGNATURE_SIZE = 8;

  /**
   * A chunk.
   *
   * @param length what it says of its length
   */
  private record Chunk(String type, byte[] data, int length) {}

  private final byte[] signature;
  private final List<Chunk> chunks;

  private RawPng(byte[] signature, List<Chunk> chunks) {
    this.signature = signature;
    this.chunks = chunks;
  }

  static RawPng of(byte[] png) {
    List<Chunk> chunks = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(png).position(SIGNATURE_SIZE);
    while (in.hasRemaining()) {
      byte[] data = new byte[in.getInt()];
      byte[] type = new byte[4];
      in.get(type).get(data).getInt();
      chunks.add(new Chunk(new String(type, StandardCharsets.US_ASCII), data, data.length));
    }
    return new RawPng(Arrays.copyOf(png, SIGNATURE_SIZE), chunks);
  }

  /** With other data in all chunks of a type. */
  RawPng with(String type, UnaryOperator<byte[]> change) {
    return mapped(
        chunk -> {
          byte[] data = change.apply(chunk.data.clone());
          return new Chunk(type, data, data.length);
        },
        type);
  }

  /** With another size in its header. */
  RawPng sized(int width, int height) {
    return with(
        "IHDR", header -> ByteBuffer.wrap(header).putInt(0, width).putInt(4, height).array());
  }

  /** With chunks of a type that lie about their length. */
  RawPng lengthOf(String type, int length) {
    return mapped(chunk -> new Chunk(type, chunk.data, length), type);
  }

  RawPng without(String type) {
    return new RawPng(
        signature, chunks.stream().filter(chunk -> !chunk.type.equals(type)).toList());
  }

  /** With one more chunk behind the header. */
  RawPng plus(String type, byte[] data) {
    List<Chunk> more = new ArrayList<>(chunks);
    more.add(1, new Chunk(type, data, data.length));
    return new RawPng(signature, more);
  }

  private RawPng mapped(UnaryOperator<Chunk> change, String type) {
    return new RawPng(
        signature,
        chunks.stream()
            .map(chunk -> chunk.type.equals(type) ? change.apply(chunk) : chunk)
            .toList());
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(signature);
    for (Chunk chunk : chunks) {
      byte[] type = chunk.type.getBytes(StandardCharsets.US_ASCII);
      CRC32 crc = new CRC32();
      crc.update(type);
      crc.update(chunk.data);
      out.writeBytes(ByteBuffer.allocate(8).putInt(chunk.length).put(type).array());
      out.writeBytes(chunk.data);
      out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
    return out.toByteArray();
  }

  /** Zeros, packed as PNG packs pixels and long texts. */
  static byte[] packedZeros(int count) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      byte[] zeros = new byte[1 << 16];
      for (int left = count; left > 0; left -= zeros.length) {
        out.write(zeros, 0, Math.min(left, zeros.length));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }
}
