package org.syntagen.server;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A zip archive written field by field, so that each can be made to lie.
 *
 * <p>Source: PKWARE's APPNOTE.TXT 6.3.10, section 4.3.
 */
final class RawZip {
  static final int STORED = 0;
  static final int DEFLATED = 8;
  static final int END_SIZE = 22;

  /** A link of Unix, as its mode lies in an entry's external attributes. */
  private static final int LINK = 0xA1FF << 16;

  /**
   * What the headers say of an entry, and its bytes.
   *
   * @param packed the bytes; null for those of the entry before
   */
  record Entry(
      String name, byte[] packed, int method, int flags, int crc, int size, int attributes) {
    /** What unpacking it must give. */
    byte[] content() {
      try (InputStream in =
          method == STORED
              ? new ByteArrayInputStream(packed)
              : new InflaterInputStream(new ByteArrayInputStream(packed), new Inflater(true))) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Entry named(String other) {
      return new Entry(other, packed, method, flags, crc, size, attributes);
    }

    Entry method(int other) {
      return new Entry(name, packed, other, flags, crc, size, attributes);
    }

    Entry flags(int other) {
      return new Entry(name, packed, method, other, crc, size, attributes);
    }

    Entry crc(int other) {
      return new Entry(name, packed, method, flags, other, size, attributes);
    }

    Entry size(int other) {
      return new Entry(name, packed, method, flags, crc, other, attributes);
    }

    Entry packed(byte[] other) {
      return new Entry(name, other, method, flags, crc, size, attributes);
    }
  }

  final List<Entry> entries = new ArrayList<>();

  /** The files of an archive. */
  static RawZip of(byte[] zip) {
    RawZip raw = new RawZip();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        raw.entries.add(deflated(entry.getName(), in.readAllBytes()));
      }
      return raw;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Entry stored(String name, byte[] content) {
    return new Entry(name, content, STORED, 0, crc(content), content.length, 0);
  }

  static Entry deflated(String name, byte[] content) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out =
        new DeflaterOutputStream(packed, new Deflater(Deflater.DEFAULT_COMPRESSION, true))) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Entry(name, packed.toByteArray(), DEFLATED, 0, crc(content), content.length, 0);
  }

  static Entry link(String name, String target) {
    byte[] content = target.getBytes(StandardCharsets.UTF_8);
    return new Entry(name, content, STORED, 0, crc(content), content.length, LINK);
  }

  private static int crc(byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    return (int) crc.getValue();
  }

  /** Puts an entry in the place of the one of its name, or at the end. */
  RawZip with(Entry entry) {
    int at = index(entry.name);
    if (at < 0) {
      entries.add(entry);
    } else {
      entries.set(at, entry);
    }
    return this;
  }

  RawZip without(String name) {
    entries.removeIf(entry -> entry.name.equals(name));
    return this;
  }

  Entry get(String name) {
    return entries.get(index(name));
  }

  private int index(String name) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).name.equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** The archive, whose end record says how many entries and which directory there are. */
  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream directory = new ByteArrayOutputStream();
    int start = 0;
    int packedSize = 0;
    for (Entry entry : entries) {
      byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
      if (entry.packed != null) {
        start = out.size();
        packedSize = entry.packed.length;
        ByteBuffer local = buffer(30 + name.length);
        local.putInt(0x04034b50).putShort((short) 20).putShort((short) entry.flags);
        local.putShort((short) entry.method).putInt(0).putInt(entry.crc).putInt(packedSize);
        local.putInt(entry.size).putShort((short) name.length).putShort((short) 0).put(name);
        out.writeBytes(local.array());
        out.writeBytes(entry.packed);
      }
      ByteBuffer central = buffer(46 + name.length);
      central.putInt(0x02014b50).putShort((short) (3 << 8 | 20)).putShort((short) 20);
      central.putShort((short) entry.flags).putShort((short) entry.method).putInt(0);
      central.putInt(entry.crc).putInt(packedSize).putInt(entry.size);
      central.putShort((short) name.length).position(38);
      central.putInt(entry.attributes).putInt(start).put(name);
      directory.writeBytes(central.array());
    }
    ByteBuffer end = buffer(END_SIZE);
    end.putInt(0x06054b50).putInt(0).putShort((short) entries.size());
    end.putShort((short) entries.size()).putInt(directory.size()).putInt(out.size());
    out.writeBytes(directory.toByteArray());
    out.writeBytes(end.array());
    return out.toByteArray();
  }

  /** Sets bytes of the end record. */
  static byte[] endLies(byte[] zip, int offset, int... values) {
    byte[] lying = zip.clone();
    for (int i = 0; i < values.length; i++) {
      lying[zip.length - END_SIZE + offset + i] = (byte) values[i];
    }
    return lying;
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
