package org.syntagen.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes safetensors files: an 8-byte little-endian header length, a JSON header naming
 * dtype, shape and byte range of each tensor, and the data. Reading maps the file into memory and
 * believes nothing the header says until it is checked.
 */
public final class SafeTensors {
  /** The reference implementation's limit. */
  private static final long MAX_HEADER = 100_000_000;

  private static final int MAX_RANK = 8;
  private static final int MAX_NAME = 1024;

  /** Names, values and brackets: about 17 for a tensor. What is read of them lies in memory. */
  private static final int MAX_TOKENS = 1 << 20;

  private static final int MAX_SHOWN = 40;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxTokenCount(MAX_TOKENS).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private SafeTensors() {}

  /** A tensor, whose bytes lie at {@code begin} to {@code end} of the data. */
  private record Entry(String name, Dtype dtype, long[] shape, long begin, long end) {}

  /** What a file holds, checked; the data begin at {@code dataStart}. */
  private record Contents(long dataStart, List<Entry> entries) {
    static Contents of(FileChannel channel, Path file) throws IOException {
      long dataStart = 8 + headerLength(channel, file);
      List<Entry> entries = SafeTensors.entries(header(channel, file), file);
      requireTiling(entries, channel.size() - dataStart, file);
      return new Contents(dataStart, entries);
    }
  }

  /**
   * Maps a file. The tensors lie in read-only memory: copy the dictionary before training or
   * changing them in place. The file must not be truncated while it is in use.
   *
   * @throws WeightsException if the file is missing, truncated or its header is inconsistent
   */
  public static StateDict read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Contents contents = Contents.of(channel, file);
      StateDict state = new StateDict(file.toString());
      for (Entry entry : contents.entries) {
        state.put(entry.name, map(channel, contents.dataStart, entry, state));
      }
      return state;
    } catch (IOException e) {
      throw WeightFile.unreadable(file, e, "a safetensors file");
    }
  }

  /** See {@link WeightFile#fingerprint}. */
  static String fingerprint(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Contents contents = Contents.of(channel, file);
      TensorDigest digest = new TensorDigest();
      for (Entry entry : sorted(contents.entries, Comparator.comparing(Entry::name))) {
        digest.begin(entry.name, entry.dtype, entry.shape);
        digest.update(channel, contents.dataStart + entry.begin, entry.end - entry.begin);
      }
      return digest.hex();
    } catch (IOException e) {
      throw WeightFile.unreadable(file, e, "a safetensors file");
    }
  }

  private static List<Entry> sorted(List<Entry> entries, Comparator<Entry> order) {
    return entries.stream().sorted(order).toList();
  }

  /** The header's string-to-string metadata, empty when it has none. */
  public static Map<String, String> metadata(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      headerLength(channel, file);
      Map<String, String> metadata = new LinkedHashMap<>();
      JsonNode node = header(channel, file).path("__metadata__");
      node.properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asString("")));
      return metadata;
    } catch (IOException e) {
      throw WeightFile.unreadable(file, e, "a safetensors file");
    }
  }

  private static long headerLength(FileChannel channel, Path file) throws IOException {
    if (channel.size() < 10) {
      throw new WeightsException(
          file + ": " + channel.size() + " bytes are too few for a safetensors file");
    }
    long length = WeightFile.readFully(channel, 0, 8).getLong();
    if (length < 2 || length > MAX_HEADER) {
      throw new WeightsException(
          file
              + ": header length "
              + Long.toUnsignedString(length)
              + " is not in 2.."
              + MAX_HEADER
              + "; not a safetensors file?");
    }
    if (8 + length > channel.size()) {
      throw new WeightsException(
          file
              + ": truncated: the header needs "
              + (8 + length)
              + " bytes, the file has "
              + channel.size());
    }
    return length;
  }

  private static JsonNode header(FileChannel channel, Path file) throws IOException {
    int length = Math.toIntExact(WeightFile.readFully(channel, 0, 8).getLong());
    byte[] json = WeightFile.readFully(channel, 8, length).array();
    try {
      JsonNode node = JSON.readTree(json);
      if (!node.isObject()) {
        throw new WeightsException(file + ": the header is not a JSON object");
      }
      return node;
    } catch (StreamConstraintsException e) {
      throw new WeightsException(file + ": the header is longer or deeper than that of any model");
    } catch (StreamReadException e) {
      throw new WeightsException(
          file
              + ": the header is not valid JSON: "
              + e.getOriginalMessage().replaceAll(" \\(start marker at .*|\\R.*", ""));
    } catch (JacksonException e) {
      throw new WeightsException(file + ": the header is not one JSON object");
    }
  }

  private static List<Entry> entries(JsonNode header, Path file) {
    List<Entry> entries = new ArrayList<>();
    header
        .properties()
        .forEach(
            property -> {
              if (!property.getKey().equals("__metadata__")) {
                entries.add(entry(property.getKey(), property.getValue(), file));
              }
            });
    return entries;
  }

  private static Entry entry(String name, JsonNode node, Path file) {
    if (name.length() > MAX_NAME) {
      throw new WeightsException(
          file
              + ": a tensor's name has "
              + name.length()
              + " characters; expected at most "
              + MAX_NAME);
    }
    String where = file + ": tensor " + name;
    Dtype dtype;
    try {
      dtype = Dtype.valueOf(node.path("dtype").asString(""));
    } catch (IllegalArgumentException e) {
      throw new WeightsException(where + " has unsupported dtype " + shown(node.path("dtype")));
    }
    JsonNode dims = node.path("shape");
    if (!dims.isArray() || dims.size() > MAX_RANK) {
      throw new WeightsException(where + " has no shape of at most " + MAX_RANK + " dimensions");
    }
    long[] shape = new long[dims.size()];
    long bytes = dtype.bytes();
    long span = bytes; // of the strides, which an extent of 0 does not make less absurd
    for (int i = 0; i < shape.length; i++) {
      shape[i] = integer(dims.get(i), where + ": dimension " + i);
      try {
        span = Math.multiplyExact(span, Math.max(1, shape[i]));
        bytes *= shape[i];
      } catch (ArithmeticException e) {
        throw new WeightsException(where + " has an impossible shape " + dims);
      }
    }
    JsonNode offsets = node.path("data_offsets");
    if (!offsets.isArray() || offsets.size() != 2) {
      throw new WeightsException(where + " has no pair of data_offsets");
    }
    long begin = integer(offsets.get(0), where + ": data_offsets");
    long end = integer(offsets.get(1), where + ": data_offsets");
    if (end - begin != bytes) {
      throw new WeightsException(
          where
              + " claims "
              + (end - begin)
              + " bytes, but "
              + dtype
              + " of shape "
              + dims
              + " takes "
              + bytes);
    }
    return new Entry(name, dtype, shape, begin, end);
  }

  private static long integer(JsonNode node, String where) {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() < 0) {
      throw new WeightsException(
          where + " is " + shown(node) + ", expected a non-negative integer");
    }
    return node.asLong();
  }

  private static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
  }

  /** The byte ranges must cover the data exactly: no gap, no overlap, nothing beyond the end. */
  private static void requireTiling(List<Entry> entries, long dataSize, Path file) {
    long at = 0;
    for (Entry entry :
        sorted(entries, Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))) {
      if (entry.end > dataSize) {
        throw new WeightsException(
            file
                + ": truncated: tensor "
                + entry.name
                + " ends at byte "
                + entry.end
                + " of the data, the file has "
                + dataSize);
      }
      if (entry.begin != at) {
        throw new WeightsException(
            file
                + ": tensor "
                + entry.name
                + " starts at byte "
                + entry.begin
                + " of the data, "
                + (entry.begin < at ? "overlapping the one before" : "leaving a gap")
                + "; expected "
                + at);
      }
      at = entry.end;
    }
    if (at != dataSize) {
      throw new WeightsException(
          file + ": " + (dataSize - at) + " bytes after the last tensor belong to none");
    }
  }

  private static Tensor map(FileChannel channel, long dataStart, Entry entry, StateDict owner)
      throws IOException {
    long size = entry.end - entry.begin;
    if (size == 0) {
      return Scope.compute(() -> Tensors.empty(entry.dtype, entry.shape));
    }
    MappedByteBuffer memory =
        WeightFile.map(
            channel, dataStart + entry.begin, size, owner.origin() + ": tensor " + entry.name);
    owner.retain(memory);
    return Scope.compute(
        () -> {
          Tensor mapped =
              torch.from_blob(
                  new BytePointer(memory), entry.shape, Tensors.hostOptions(entry.dtype));
          // Vector loads want aligned data; writers usually align, but nothing obliges them to.
          boolean aligned = (dataStart + entry.begin) % entry.dtype.bytes() == 0;
          return aligned ? mapped : mapped.clone();
        });
  }

  /**
   * Writes all tensors in name order through a temporary file that is moved into place when whole.
   *
   * @throws UncheckedIOException if the file cannot be written; nothing is left behind then
   */
  public static void write(Path file, StateDict state, Map<String, String> metadata) {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put("__metadata__", new TreeMap<>(metadata)); // the same bytes each time
    }
    List<String> names = state.names().stream().sorted().toList();
    long at = 0;
    for (String name : names) {
      Tensor tensor = state.get(name);
      Dtype dtype = Dtype.of(tensor);
      if (tensor.nbytes() > Integer.MAX_VALUE) {
        throw new WeightsException(file + ": tensor " + name + " is larger than 2 GiB");
      }
      long end = at + tensor.nbytes();
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("dtype", dtype.name());
      entry.put("shape", Tensors.shape(tensor));
      entry.put("data_offsets", new long[] {at, end});
      header.put(name, entry);
      at = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        writeFully(channel, head.flip());
        for (String name : names) {
          try (Scope scope = new Scope()) {
            Tensor dense = Tensors.host(state.get(name));
            BytePointer data = new BytePointer(dense.data_ptr());
            data.capacity(dense.nbytes());
            if (dense.nbytes() > 0) {
              writeFully(channel, data.asByteBuffer());
            }
          }
        }
        channel.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(part);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
