package org.syntagen.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What fingerprints of tensors are: SHA-256 over (name, dtype, shape, little-endian bytes) of each,
 * in name order, which the caller keeps. A caller calls {@link #begin} and then hands over the
 * tensor's bytes.
 */
final class TensorDigest {
  private static final int CHUNK = 1 << 16;

  private final MessageDigest digest;

  TensorDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Begins with the next tensor. */
  void begin(String name, Dtype dtype, long... shape) {
    byte[] key = name.getBytes(StandardCharsets.UTF_8);
    ByteBuffer head =
        ByteBuffer.allocate(4 + key.length + 8 + 8 * shape.length).order(ByteOrder.LITTLE_ENDIAN);
    head.putInt(key.length).put(key);
    head.putInt(dtype.ordinal()).putInt(shape.length);
    for (long extent : shape) {
      head.putLong(extent);
    }
    digest.update(head.flip());
  }

  /** Adds bytes of the tensor. */
  void update(ByteBuffer bytes) {
    digest.update(bytes);
  }

  /** Adds bytes of the tensor that lie in a file, of which little is in memory at a time. */
  void update(FileChannel channel, long position, long size) throws IOException {
    for (long at = 0; at < size; at += CHUNK) {
      int length = (int) Math.min(CHUNK, size - at);
      digest.update(WeightFile.readFully(channel, position + at, length));
    }
  }

  /** The fingerprint, in hexadecimal. */
  String hex() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
