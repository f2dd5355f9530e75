package org.syntagen.segmentation;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.zip.CRC32C;

/**
 * A file of scalars over steps that TensorBoard reads: TFRecords of Event messages in the wire
 * format of protocol buffers. Each process of a run adds a file to the folder; where it repeats
 * steps that another one had noted before it was killed, the values are the same. What was noted is
 * on its way to the disk at once, so that the file can be watched. Not thread-safe.
 */
public final class EventFile implements AutoCloseable {
  private static final String VERSION = "brain.Event:2";
  private static final int CRC_MASK = 0xA282EAD8;

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final Path file;
  private final InstantSource clock;
  private final OutputStream out;

  private EventFile(Path file, InstantSource clock, OutputStream out) {
    this.file = file;
    this.clock = clock;
    this.out = out;
  }

  /**
   * Begins a file in a folder, which is made if need be.
   *
   * @throws UncheckedIOException if it cannot be made
   */
  public static EventFile in(Path folder) {
    long pid = ProcessHandle.current().pid();
    long second = Instant.now().getEpochSecond();
    return begin(
        folder.resolve("events.out.tfevents.%d.syntagen.%d".formatted(second, pid)),
        InstantSource.system());
  }

  static EventFile begin(Path file, InstantSource clock) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      OutputStream out =
          new BufferedOutputStream(
              Files.newOutputStream(
                  file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING));
      EventFile events = new EventFile(file, clock, out);
      Message event = events.event(0);
      events.write(event.bytes(3, VERSION.getBytes(StandardCharsets.UTF_8)));
      return events;
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Notes a value.
   *
   * @param tag the curve that it belongs to
   * @throws UncheckedIOException if it cannot be written
   */
  public void scalar(String tag, long step, double value) {
    Message summaryValue =
        new Message()
            .bytes(1, tag.getBytes(StandardCharsets.UTF_8))
            .fixed32(2, Float.floatToIntBits((float) value));
    Message summary = new Message().bytes(1, summaryValue.toByteArray());
    write(event(step).bytes(5, summary.toByteArray()));
  }

  private Message event(long step) {
    double seconds = clock.instant().toEpochMilli() / 1000.0;
    Message event = new Message().fixed64(1, Double.doubleToLongBits(seconds));
    return step == 0 ? event : event.varint(2, step);
  }

  /** A record: the length and its checksum, the data and its checksum. */
  private void write(Message message) {
    byte[] data = message.toByteArray();
    ByteBuffer head = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length);
    head.putInt(checksum(head.array(), 8));
    ByteBuffer tail =
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(checksum(data, data.length));
    try {
      out.write(head.array());
      out.write(data);
      out.write(tail.array());
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** TFRecord's masked CRC-32C. */
  private static int checksum(byte[] data, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** A message of protocol buffers under way. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Message key(int field, int type) {
      return varint(field << 3 | type);
    }

    private Message varint(long value) {
      long rest = value;
      for (; rest >>> 7 != 0; rest >>>= 7) {
        bytes.write((int) (rest & 0x7F | 0x80));
      }
      bytes.write((int) rest);
      return this;
    }

    Message varint(int field, long value) {
      return key(field, VARINT).varint(value);
    }

    Message fixed32(int field, int value) {
      return key(field, FIXED_32).raw(buffer(4).putInt(value).array());
    }

    Message fixed64(int field, long value) {
      return key(field, FIXED_64).raw(buffer(8).putLong(value).array());
    }

    Message bytes(int field, byte[] value) {
      return key(field, BYTES).varint(value.length).raw(value);
    }

    private Message raw(byte[] value) {
      bytes.writeBytes(value);
      return this;
    }

    private static ByteBuffer buffer(int size) {
      return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    byte[] toByteArray() {
      return bytes.toByteArray();
    }
  }
}
