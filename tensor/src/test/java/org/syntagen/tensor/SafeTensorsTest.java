package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafeTensorsTest {
  private static final String ONE_TENSOR =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("model.safetensors");
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeAndShapeSurvivesARoundTrip(Dtype dtype) {
    try (Scope scope = new Scope();
        StateDict written = new StateDict("test")) {
      float[] values = {0, 1, 2, 3, 4, 5};
      written.put("matrix", Tensors.to(Tensors.of(values, 2, 3), dtype));
      written.put(
          "odd", Tensors.to(Tensors.of(new float[] {1, 0, 1}, 3), dtype)); // moves what follows
      written.put("scalar", Tensors.to(Tensors.of(new float[] {1}), dtype));
      written.put("empty", Tensors.to(Tensors.zeros(0, 3), dtype));
      written.put("view", Tensors.to(Tensors.of(values, 2, 3).transpose(0, 1), dtype));
      SafeTensors.write(file, written, Map.of());
      try (StateDict read = SafeTensors.read(file)) {
        assertThat(read.names()).containsExactlyInAnyOrderElementsOf(written.names());
        for (String name : read.names()) {
          Tensor expected = written.get(name);
          assertThat(Dtype.of(read.get(name))).as(name).isEqualTo(dtype);
          assertThat(Tensors.shape(read.get(name)))
              .as(name)
              .containsExactly(Tensors.shape(expected));
          assertThat(Tensors.floats(read.get(name)))
              .as(name)
              .containsExactly(Tensors.floats(expected));
        }
        assertThat(read.fingerprint()).isEqualTo(written.fingerprint());
        assertThat(WeightFile.fingerprint(file)).isEqualTo(written.fingerprint());
        assertThat(read.origin()).isEqualTo(file.toString());
      }
    }
  }

  /** A map's order is not always the same, but a file's bytes are. */
  @Test
  void theOrderOfMetadataChangesNothing() throws IOException {
    try (StateDict state = new StateDict("test")) {
      state.put("a", Tensors.zeros(2));
      Map<String, String> metadata = new LinkedHashMap<>();
      metadata.put("x", "1");
      metadata.put("b", "2");
      SafeTensors.write(file, state, metadata);
      byte[] first = Files.readAllBytes(file);
      metadata.remove("x");
      metadata.put("x", "1");
      SafeTensors.write(file, state, metadata);
      assertThat(Files.readAllBytes(file)).isEqualTo(first);
    }
  }

  @Test
  void theFileIsTheDocumentedLayout() throws IOException {
    try (StateDict state = new StateDict("test")) {
      state.put("b", Tensors.of(new long[] {-1}, 1));
      state.put("a", Tensors.of(new float[] {1, 2}, 2));
      SafeTensors.write(file, state, Map.of("format", "pt"));
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(bytes.getLong());
    assertThat(length % 8).isZero();
    String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
    assertThat(header.strip())
        .isEqualTo(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                + "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[8,16]}}");
    bytes.position(8 + length);
    assertThat(bytes.getFloat()).isEqualTo(1);
    assertThat(bytes.getFloat()).isEqualTo(2);
    assertThat(bytes.getLong()).isEqualTo(-1);
    assertThat(bytes.hasRemaining()).isFalse();
    assertThat(SafeTensors.metadata(file)).containsExactly(Map.entry("format", "pt"));
  }

  @Test
  void noTensorsAreAFileToo() {
    try (StateDict state = new StateDict("test")) {
      SafeTensors.write(file, state, Map.of());
    }
    try (StateDict read = SafeTensors.read(file)) {
      assertThat(read.size()).isZero();
    }
    assertThat(SafeTensors.metadata(file)).isEmpty();
  }

  @Test
  void dataNeedNotBeAligned() throws IOException {
    write(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}",
        new byte[] {7, 0, 0, (byte) 0x80, 0x3f});
    try (StateDict read = SafeTensors.read(file)) {
      assertThat(Tensors.bytes(read.get("a"))).containsExactly(7);
      assertThat(Tensors.floats(read.get("b"))).containsExactly(1);
      assertThat(WeightFile.fingerprint(file)).isEqualTo(read.fingerprint());
    }
  }

  @Test
  void metadataThatIsNoTextIsPassedOver() throws IOException {
    write("{\"__metadata__\":{\"a\":\"b\",\"c\":{}}," + ONE_TENSOR.substring(1), new byte[8]);
    assertThat(SafeTensors.metadata(file)).containsEntry("a", "b");
    SafeTensors.read(file).close();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a mapped file cannot be replaced there")
  void aFileMayBeReplacedWhileItIsInUse() {
    store(1);
    try (StateDict before = SafeTensors.read(file)) {
      store(2);
      assertThat(Tensors.floats(before.get("a"))).containsExactly(1, 1);
      try (StateDict after = SafeTensors.read(file)) {
        assertThat(Tensors.floats(after.get("a"))).containsExactly(2, 2);
      }
    }
  }

  @Test
  void aFailedWriteLeavesWhatStoodThereAndNothingElse() throws IOException {
    Files.createDirectories(file.resolve("in the way"));
    assertThatThrownBy(() -> store(1))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith(file + ": cannot be written: ");
    assertThat(file.resolve("in the way")).isDirectory();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
    Path nowhere = folder.resolve("missing").resolve("model.safetensors");
    try (StateDict state = new StateDict("test")) {
      assertThatThrownBy(() -> SafeTensors.write(nowhere, state, Map.of()))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageStartingWith(nowhere + ": cannot be written: ");
    }
  }

  @Test
  void aTensorTooLargeToReadBackIsNotWritten() {
    try (StateDict state = new StateDict("test")) {
      state.put("huge", Tensors.zeros(1).expand(1L << 29)); // 2 GiB that take no memory
      assertThatThrownBy(() -> SafeTensors.write(file, state, Map.of()))
          .isInstanceOf(WeightsException.class)
          .hasMessage(file + ": tensor huge is larger than 2 GiB");
    }
    assertThat(file).doesNotExist();
  }

  /** Headers that lie; the messages name the tensor where one is to blame. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not JSON          | 8 | {a                                      | not valid JSON",
        "two values        | 8 | {} {}                                   | not one JSON object",
        "no object         | 8 | [1, 2]                                  | not a JSON object",
        "deep nesting      | 8 | DEEP                                    | longer or deeper",
        "duplicate names   | 8 | {'a': {}, 'a': {}}                      | not valid JSON: Dupl",
        "no entry          | 8 | {'a': 3}                                | tensor a has"
            + " unsupported",
        "no dtype          | 8 | {'a': {'shape': [], 'data_offsets': [0, 8]}} | tensor a has"
            + " unsupp",
        "unknown dtype     | 8 | F8_E5M2 [8] [0, 8]                      | dtype \"F8_E5M2\"",
        "lower-case dtype  | 8 | f32 [2] [0, 8]                          | dtype \"f32\"",
        "no shape          | 8 | F32 8 [0, 8]                            | tensor a has no shape",
        "too many dims     | 8 | F32 [2,1,1,1,1,1,1,1,1] [0, 8]          | tensor a has no shape",
        "negative dim      | 8 | F32 [-2] [0, 8]                         | dimension 0 is -2,"
            + " expec",
        "fractional dim    | 8 | F32 [1,2.0] [0, 8]                      | dimension 1 is 2.0,"
            + " expe",
        "dim as text       | 8 | F32 ['2'] [0, 8]                        | dimension 0 is \"2\","
            + " exp",
        "null dim          | 8 | F32 [null] [0, 8]                       | dimension 0 is null,"
            + " exp",
        "dim beyond long   | 8 | F32 [18446744073709551618] [0, 8]       | dimension 0 is"
            + " 184467440",
        "product overflows | 8 | F32 [4294967296,4294967296] [0, 8]      | impossible shape"
            + " [429496",
        "bytes overflow    | 8 | F32 [4611686018427387904] [0, 8]        | impossible shape"
            + " [461168",
        "overflow at zero  | 0 | F32 [0,4294967296,4294967296] [0, 0]    | impossible shape"
            + " [0,4294",
        "zero at overflow  | 0 | F32 [4294967296,4294967296,0] [0, 0]    | impossible shape"
            + " [429496",
        "no offsets        | 8 | {'a': {'dtype': 'F32', 'shape': [2]}}   | tensor a has no pair of",
        "one offset        | 8 | F32 [2] [0]                             | tensor a has no pair of",
        "negative offset   | 8 | F32 [2] [-8, 0]                         | data_offsets is -8,"
            + " expe",
        "fractional offset | 8 | F32 [2] [0, 8.5]                        | data_offsets is 8.5,"
            + " exp",
        "reversed offsets  | 8 | F32 [2] [8, 0]                          | tensor a claims -8"
            + " bytes",
        "offsets at limit  | 8 | F32 [2] [9223372036854775807, 0]        | tensor a claims"
            + " -9223372",
        "size mismatch     | 8 | F32 [3] [0, 8]                          | a claims 8 bytes, but"
            + " F3",
        "beyond the end    | 8 | F32 [4] [0, 16]                         | truncated: tensor a"
            + " ends",
        "truncated data    | 7 | F32 [2] [0, 8]                          | truncated: tensor a"
            + " ends",
        "no data           | 0 | F32 [2] [0, 8]                          | truncated: tensor a"
            + " ends",
        "trailing bytes    | 9 | F32 [2] [0, 8]                          | 1 bytes after the last"
            + " t",
        "data of no tensor | 8 | {}                                      | 8 bytes after the last"
            + " t",
        "gap at the start  | 9 | F32 [2] [1, 9]                          | tensor a starts at byte"
            + " 1",
        "line breaks       | 8 | {'a\\n"
            + "\\n"
            + "b': 3}                         | tensor a b has unsupport",
      })
  void aLyingHeaderIsRefusedInOneLine(String name, int data, String header, String message)
      throws IOException {
    write(json(header), new byte[data]);
    assertRefused(message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "overlap | 0 | 8 | 4 | 12 | 12 | tensor b starts at byte 4 of the data, overlapping",
        "twice   | 0 | 8 | 0 |  8 |  8 | tensor b starts at byte 0 of the data, overlapping",
        "gap     | 0 | 8 | 9 | 17 | 17 | tensor b starts at byte 9 of the data, leaving a gap",
        "outside | 8 | 16 | 0 | 8 | 12 | truncated: tensor a ends at byte 16",
      })
  void byteRangesMustTileTheData(
      String name, int begin, int end, int otherBegin, int otherEnd, int data, String message)
      throws IOException {
    String entry = "\"%s\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}";
    String a = entry.formatted("a", begin, end);
    String b = entry.formatted("b", otherBegin, otherEnd);
    write("{" + a + "," + b + "}", new byte[data]);
    assertRefused(message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a negative header length, -1",
    "the least header length, -9223372036854775808",
    "a huge header length, 9223372036854775807",
    "a header length beyond the limit, 100000001",
    "a header length of nothing, 0",
    "a header length of one byte, 1",
  })
  void anImpossibleHeaderLengthIsRefusedBeforeAnythingIsRead(String name, long length)
      throws IOException {
    write(length, ONE_TENSOR, new byte[8]);
    assertRefused(
        "header length "
            + Long.toUnsignedString(length)
            + " is not in 2..100000000; not a safetensors file?");
  }

  @Test
  void aHeaderLongerThanTheFileIsRefused() throws IOException {
    write(ONE_TENSOR.length() + 9, ONE_TENSOR, new byte[8]);
    assertRefused("truncated: the header needs");
  }

  @Test
  void aFileOfAFewBytesIsRefused() throws IOException {
    for (int size : new int[] {0, 1, 8, 9}) {
      Files.write(file, new byte[size]);
      assertRefused(size + " bytes are too few for a safetensors file");
    }
  }

  @Test
  void everyTruncationOfAGoodFileIsRefused() throws IOException {
    store(1);
    byte[] whole = Files.readAllBytes(file);
    for (int size = 0; size < whole.length; size++) {
      Files.write(file, Arrays.copyOf(whole, size));
      assertRefused("");
    }
  }

  @Test
  void aMissingFileIsNamed() {
    assertRefused("no such weight file");
  }

  @Test
  void aFolderIsNoFile() throws IOException {
    Files.createDirectory(file);
    assertRefused("a folder; expected a safetensors file");
  }

  private void assertRefused(String message) {
    assertRefused(() -> SafeTensors.read(file).close(), message);
    assertRefused(() -> SafeTensors.fingerprint(file), message);
  }

  private void assertRefused(ThrowingCallable reading, String message) {
    assertThatThrownBy(reading)
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message)
        .hasMessageNotContainingAny("\n", "\r");
  }

  /** "F32 [2] [0, 8]" as the header of one tensor; other headers with double for single quotes. */
  private static String json(String header) {
    if (header.equals("DEEP")) {
      return "{\"a\":" + "[".repeat(100_000);
    }
    String quoted = header.replace('\'', '"');
    if (!Character.isLetterOrDigit(header.charAt(0))) {
      return quoted;
    }
    String[] parts = quoted.split(" ", 3);
    return "{\"a\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
        .formatted((Object[]) parts);
  }

  private void store(double value) {
    try (StateDict state = new StateDict("test")) {
      state.put("a", Tensors.full(value, 2));
      SafeTensors.write(file, state, Map.of());
    }
  }

  private void write(String header, byte[] data) throws IOException {
    write(header.getBytes(StandardCharsets.UTF_8).length, header, data);
  }

  private void write(long headerLength, String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength).put(json).put(data);
    Files.write(file, bytes.array());
  }
}
