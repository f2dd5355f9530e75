package org.syntagen.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of named tensors, whatever its format, and what the readers of both formats share. */
public final class WeightFile {
  private WeightFile() {}

  /**
   * Maps a safetensors file ({@link SafeTensors#read}) or a file of PyTorch's ({@link
   * PickledTensors#read}), told apart by their first bytes and not by their names.
   *
   * @return read-only tensors; the caller closes them
   * @throws WeightsException if the file is missing, truncated, inconsistent or in another format
   */
  public static StateDict read(Path file) {
    return ofTorch(file) ? PickledTensors.read(file) : SafeTensors.read(file);
  }

  /**
   * The {@link StateDict#fingerprint} of a file's tensors. It is read without libtorch, and little
   * of it is in memory at a time.
   *
   * @throws WeightsException as {@link #read} does
   */
  public static String fingerprint(Path file) {
    return ofTorch(file) ? PickledTensors.fingerprint(file) : SafeTensors.fingerprint(file);
  }

  /** Whether the file is one of PyTorch's, of today or of old. */
  public static boolean ofTorch(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return PickledTensors.Kind.of(channel) != PickledTensors.Kind.OTHER;
    } catch (IOException e) {
      throw unreadable(file, e, "a weight file");
    }
  }

  static RuntimeException unreadable(Path file, IOException cause, String expected) {
    if (cause instanceof NoSuchFileException) {
      return new WeightsException(file + ": no such weight file");
    }
    if (Files.isDirectory(file)) {
      return new WeightsException(file + ": a folder; expected " + expected);
    }
    return new UncheckedIOException(file + ": cannot be read: " + cause.getMessage(), cause);
  }

  /** The bytes from {@code position} on, in a little-endian buffer. */
  static ByteBuffer readFully(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("unexpected end of file");
      }
    }
    return buffer.flip();
  }

  /** Maps a part of the file, read-only; what points into it must retain the buffer. */
  static MappedByteBuffer map(FileChannel channel, long position, long size, String what)
      throws IOException {
    if (size > Integer.MAX_VALUE) {
      throw new WeightsException(what + " is larger than 2 GiB");
    }
    return channel.map(FileChannel.MapMode.READ_ONLY, position, size);
  }
}
