package org.syntagen.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The index of a zip archive whose entries are stored and not compressed, as PyTorch writes them:
 * where the bytes of each lie in the file. Names are unique, entries lie within the file and do not
 * overlap, so that all of them together are never larger than the file. Zip64 is understood.
 *
 * <p>Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
 */
record StoredZip(Map<String, Entry> entries) {
  private static final int MAX_ENTRIES = 100_000;
  private static final int MAX_INDEX = 1 << 26;

  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int LOCATOR_64_SIZE = 20;
  private static final int END_64 = 0x06064b50;
  private static final int END_64_SIZE = 56;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_SIZE = 30;

  private static final int ENCRYPTED = 1;
  private static final long SATURATED = 0xffff_ffffL;

  /**
   * @param header where the entry's own header starts
   * @param position where its bytes start
   */
  record Entry(String name, long header, long position, long size) {}

  /** The central directory: its place and number of entries. */
  private record Index(long offset, long size, long entries) {}

  /**
   * @throws WeightsException if the archive is truncated, inconsistent, encrypted or compressed
   */
  static StoredZip read(FileChannel channel, Path file) throws IOException {
    Index index = index(channel, file);
    ByteBuffer in = WeightFile.readFully(channel, index.offset, (int) index.size);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (long i = 0; i < index.entries; i++) {
      Entry entry = entry(in, channel, index, file);
      if (entries.put(entry.name, entry) != null) {
        throw new WeightsException(file + ": zip entry " + entry.name + " appears twice");
      }
    }
    requireApart(entries, file);
    return new StoredZip(Collections.unmodifiableMap(entries));
  }

  private static Index index(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    int length = (int) Math.min(size, END_SIZE + 0xffff);
    ByteBuffer tail = WeightFile.readFully(channel, size - length, length);
    int at = length - END_SIZE;
    while (at >= 0
        && !(tail.getInt(at) == END && (tail.getShort(at + 20) & 0xffff) == length - at - 22)) {
      at--;
    }
    if (at < 0) {
      throw new WeightsException(file + ": truncated: the zip archive has no end");
    }
    long end = size - length + at;
    long entries = tail.getShort(at + 10) & 0xffff;
    long bytes = tail.getInt(at + 12) & SATURATED;
    long offset = tail.getInt(at + 16) & SATURATED;
    if (entries == 0xffff || bytes == SATURATED || offset == SATURATED) {
      ByteBuffer locator =
          record(channel, end - LOCATOR_64_SIZE, LOCATOR_64_SIZE, LOCATOR_64, end, file);
      end = locator.getLong(8);
      ByteBuffer large = record(channel, end, END_64_SIZE, END_64, size, file);
      entries = large.getLong(32);
      bytes = large.getLong(40);
      offset = large.getLong(48);
    }
    if (entries < 0 || entries > MAX_ENTRIES || bytes < 0 || bytes > MAX_INDEX) {
      throw new WeightsException(
          file
              + ": the zip archive claims "
              + Long.toUnsignedString(entries)
              + " entries; expected at most "
              + MAX_ENTRIES);
    }
    if (offset < 0 || offset > end - bytes) {
      throw new WeightsException(file + ": the zip archive's directory lies outside the file");
    }
    return new Index(offset, bytes, entries);
  }

  /** A fixed-size record with its signature checked. */
  private static ByteBuffer record(
      FileChannel channel, long at, int size, int signature, long limit, Path file)
      throws IOException {
    if (at >= 0 && at <= limit - size) {
      ByteBuffer record = WeightFile.readFully(channel, at, size);
      if (record.getInt(0) == signature) {
        return record;
      }
    }
    throw new WeightsException(
        file + ": the zip archive is damaged: a record is not where it is said to be");
  }

  private static Entry entry(ByteBuffer in, FileChannel channel, Index index, Path file)
      throws IOException {
    int at = in.position();
    if (in.remaining() < CENTRAL_SIZE || in.getInt(at) != CENTRAL) {
      throw damaged(file);
    }
    int flags = in.getShort(at + 8);
    int method = in.getShort(at + 10) & 0xffff;
    int nameLength = in.getShort(at + 28) & 0xffff;
    int extraLength = in.getShort(at + 30) & 0xffff;
    int commentLength = in.getShort(at + 32) & 0xffff;
    if (in.remaining() < CENTRAL_SIZE + nameLength + extraLength + commentLength) {
      throw damaged(file);
    }
    String name =
        new String(in.array(), at + CENTRAL_SIZE, nameLength, StandardCharsets.UTF_8)
            .replaceAll("\\p{Cntrl}", "?");
    // Uncompressed size, compressed size and offset, which zip64 repeats in this order if needed.
    long[] values = {
      in.getInt(at + 24) & SATURATED, in.getInt(at + 20) & SATURATED, in.getInt(at + 42) & SATURATED
    };
    readLarge(in.slice(at + CENTRAL_SIZE + nameLength, extraLength).order(in.order()), values);
    in.position(at + CENTRAL_SIZE + nameLength + extraLength + commentLength);
    ByteBuffer local = record(channel, values[2], LOCAL_SIZE, LOCAL, index.offset, file);
    String where = file + ": zip entry " + name;
    if (((flags | local.getShort(6)) & ENCRYPTED) != 0) {
      throw new WeightsException(where + " is encrypted; expected a file written by torch.save");
    }
    if (method != 0 || local.getShort(8) != 0 || values[0] != values[1]) {
      throw new WeightsException(
          where + " is compressed; torch.save stores tensors uncompressed: save them with it");
    }
    long position =
        values[2] + LOCAL_SIZE + (local.getShort(26) & 0xffff) + (local.getShort(28) & 0xffff);
    if (values[0] < 0 || position > index.offset - values[0]) {
      throw new WeightsException(where + " lies outside the file: truncated?");
    }
    return new Entry(name, values[2], position, values[0]);
  }

  private static void readLarge(ByteBuffer extra, long[] values) {
    while (extra.remaining() >= 4) {
      int id = extra.getShort() & 0xffff;
      int length = Math.min(extra.getShort() & 0xffff, extra.remaining());
      int end = extra.position() + length;
      for (int i = 0; id == 1 && i < values.length; i++) {
        if (values[i] == SATURATED && end - extra.position() >= 8) {
          values[i] = extra.getLong();
        }
      }
      extra.position(end);
    }
  }

  private static void requireApart(Map<String, Entry> entries, Path file) {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::header));
    for (int i = 1; i < sorted.size(); i++) {
      Entry before = sorted.get(i - 1);
      if (sorted.get(i).header < before.position + before.size) {
        throw new WeightsException(
            file + ": zip entries " + before.name + " and " + sorted.get(i).name + " overlap");
      }
    }
  }

  private static WeightsException damaged(Path file) {
    return new WeightsException(file + ": the zip archive's directory is damaged");
  }
}
