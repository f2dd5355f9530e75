package org.syntagen.dataset.scenes.art;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.syntagen.dataset.InputException;

/**
 * A stream that gives up after a number of bytes, so that a small archive that inflates without end
 * fills neither memory nor time. It counts what was read, whatever the archive claims.
 */
final class BoundedInput extends FilterInputStream {
  private final long most;
  private final String name;
  private long read;

  /**
   * A bounded view of a stream.
   *
   * @param most the most bytes that may be read
   * @param name what to call the content in an error
   */
  BoundedInput(InputStream in, long most, String name) {
    super(in);
    this.most = most;
    this.name = name;
  }

  /** All of a stream, at most so many bytes. */
  static byte[] readAll(InputStream in, long most, String name) throws IOException {
    return new BoundedInput(in, most, name).readAllBytes();
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      count(1);
    }
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = super.read(bytes, offset, length);
    count(Math.max(0, count));
    return count;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = super.skip(count);
    count(skipped);
    return skipped;
  }

  private void count(long bytes) {
    read += bytes;
    if (read > most) {
      throw new InputException(
          "%s holds more than %d MiB unpacked; that is no package of pictures"
              .formatted(name, Math.max(1, most >> 20)));
    }
  }
}
