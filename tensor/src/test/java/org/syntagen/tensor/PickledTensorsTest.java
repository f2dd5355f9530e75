package org.syntagen.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syntagen.tensor.TorchFile.Lies;
import org.syntagen.tensor.TorchFile.Pickle;

class PickledTensorsTest {
  private static final Charset ISO = StandardCharsets.ISO_8859_1;
  private static final float[] VALUES = {0, 1, 2, 3, 4, 5};

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("model.ckpt");
  }

  @Test
  void aDictionaryOfTensorsIsRead() throws IOException {
    Pickle pickle = new Pickle().op('}').op('q', 0).op('(');
    pickle.text("whole").tensor("FloatStorage", "0", 6, 0, dims(2, 3), dims(3, 1)).op('q', 1);
    pickle.text("transposed").tensor("FloatStorage", "0", 6, 0, dims(3, 2), dims(1, 3));
    pickle.text("part").tensor("FloatStorage", "0", 6, 4, dims(2), dims(1));
    pickle.text("scalar").tensor("FloatStorage", "0", 6, 5, dims(), dims());
    pickle.text("empty").tensor("FloatStorage", "0", 6, 0, dims(0, 3), dims(3, 1));
    pickle.text("tied").op('h', 1);
    pickle.text("parameter").global("torch._utils", "_rebuild_parameter").op('(').op('h', 1);
    pickle.op(0x88).op('}').op('t').op('R');
    write(pickle.op('u').stop());
    try (StateDict read = PickledTensors.read(file)) {
      assertThat(read.names())
          .containsExactly("whole", "transposed", "part", "scalar", "empty", "tied", "parameter");
      assertThat(Tensors.shape(read.get("whole"))).containsExactly(2, 3);
      assertThat(Tensors.floats(read.get("whole"))).containsExactly(VALUES);
      assertThat(Tensors.shape(read.get("transposed"))).containsExactly(3, 2);
      assertThat(Tensors.floats(read.get("transposed"))).containsExactly(0, 3, 1, 4, 2, 5);
      assertThat(Tensors.floats(read.get("part"))).containsExactly(4, 5);
      assertThat(Tensors.shape(read.get("scalar"))).isEmpty();
      assertThat(Tensors.floats(read.get("scalar"))).containsExactly(5);
      assertThat(Tensors.shape(read.get("empty"))).containsExactly(0, 3);
      assertThat(Tensors.floats(read.get("tied"))).containsExactly(VALUES);
      assertThat(Tensors.floats(read.get("parameter"))).containsExactly(VALUES);
      assertThat(read.origin()).isEqualTo(file.toString());
      assertThat(WeightFile.fingerprint(file)).isEqualTo(read.fingerprint());
    }
  }

  /** As Lightning saves it: the tensors one level down, beside things that are none. */
  @Test
  void whatIsNoTensorIsPassedOver() throws IOException {
    Pickle pickle = new Pickle().op('}').op('(');
    pickle.text("epoch").op('K', 7).text("global_step").op('M', 1, 2);
    pickle.text("big").op(0x8a, 3).raw(new byte[] {1, 2, 3});
    pickle.text("lr").op('G').raw(new byte[8]).text("nothing").op('N').text("flag").op(0x88);
    pickle.text("version").text("1.4").text("pair").integer(1).integer(2).op(0x86);
    pickle.text("losses").op(']').op('(').integer(1).op('N').op('e');
    pickle.text("last").op(']').op('K', 1).op('a');
    pickle.text("callbacks").op('}');
    pickle.global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint");
    pickle.op('}').text("best").vector("FloatStorage", "0", 6).op('s').op('s');
    pickle.text("state_dict").global("collections", "OrderedDict").op(')').op('R').op('(');
    pickle.text("a.weight").vector("FloatStorage", "0", 6).op('u');
    pickle.op('}').text("_metadata").op('}').op('s').op('b');
    write(pickle.op('u').stop());
    try (StateDict read = PickledTensors.read(file)) {
      assertThat(read.names()).containsExactly("state_dict.a.weight");
      assertThat(Tensors.floats(read.get("state_dict.a.weight"))).containsExactly(VALUES);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeIsReadInBothByteOrders(Dtype dtype) throws IOException {
    String type =
        Map.of(
                Dtype.F32, "Float",
                Dtype.F16, "Half",
                Dtype.BF16, "BFloat16",
                Dtype.F64, "Double",
                Dtype.I64, "Long",
                Dtype.I32, "Int",
                Dtype.I16, "Short",
                Dtype.I8, "Char",
                Dtype.U8, "Byte",
                Dtype.BOOL, "Bool")
            .get(dtype);
    byte[] ones = ones(dtype, ByteOrder.LITTLE_ENDIAN);
    byte[] pickle = dictionary(new Pickle(), p -> p.vector(type + "Storage", "0", 2));
    TorchFile torch = new TorchFile(pickle).with("data/0", ones);
    Files.write(file, torch.zip());
    assertOnes(dtype);
    torch.with("byteorder", ascii("little"));
    Files.write(file, torch.zip());
    assertOnes(dtype);
    torch.with("byteorder", ascii("big")).with("data/0", ones(dtype, ByteOrder.BIG_ENDIAN));
    Files.write(file, torch.zip());
    assertOnes(dtype);
  }

  private void assertOnes(Dtype dtype) {
    try (StateDict read = PickledTensors.read(file);
        StateDict copy = read.copy(dtype)) {
      assertThat(Dtype.of(copy.get("a"))).isEqualTo(dtype);
      assertThat(Tensors.floats(copy.get("a"))).containsExactly(0, 1);
      assertThat(WeightFile.fingerprint(file)).isEqualTo(read.fingerprint());
    }
  }

  /** 0 and 1. */
  private static byte[] ones(Dtype dtype, ByteOrder order) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * dtype.bytes()).order(order);
    bytes.position(dtype.bytes());
    switch (dtype) {
      case F32 -> bytes.putFloat(1);
      case F16 -> bytes.putShort((short) 0x3c00);
      case BF16 -> bytes.putShort((short) 0x3f80);
      case F64 -> bytes.putDouble(1);
      case I64 -> bytes.putLong(1);
      case I32 -> bytes.putInt(1);
      case I16 -> bytes.putShort((short) 1);
      default -> bytes.put((byte) 1);
    }
    return bytes.array();
  }

  @Test
  void zip64AndUnalignedDataAreRead() throws IOException {
    TorchFile torch = new TorchFile(oneVector()).with("data/0", floats());
    Files.write(file, torch.zip(new Lies(true, 0, 0, -1, 0)));
    assertValues();
    torch.entries.clear();
    torch.entries.put("m/x", new byte[61]); // moves the data off every multiple of four
    torch.entries.put("m/data/0", floats());
    torch.entries.put("m/data.pkl", oneVector());
    byte[] bytes = torch.zip();
    Files.write(file, bytes);
    assertValues();
  }

  private void assertValues() {
    try (StateDict read = PickledTensors.read(file)) {
      assertThat(Tensors.floats(read.get("a"))).containsExactly(VALUES);
      assertThat(WeightFile.fingerprint(file)).isEqualTo(read.fingerprint());
    }
  }

  @Test
  void formatsAreToldApartByTheirContent() throws IOException {
    Path other = folder.resolve("weights.ckpt");
    try (StateDict state = new StateDict("test")) {
      state.put("a", Tensors.of(VALUES, 6));
      SafeTensors.write(other, state, Map.of());
    }
    file = folder.resolve("weights.safetensors");
    write(oneVector());
    try (StateDict one = WeightFile.read(file);
        StateDict two = WeightFile.read(other)) {
      assertThat(one.fingerprint()).isEqualTo(two.fingerprint());
    }
    assertThatThrownBy(() -> WeightFile.read(folder.resolve("none")))
        .hasMessage(folder.resolve("none") + ": no such weight file");
    assertThatThrownBy(() -> WeightFile.read(folder)).hasMessageContaining(": a folder; expected");
  }

  // ---- files that lie ---------------------------------------------------------------------------

  static Stream<Arguments> hostilePickles() {
    return Stream.of(
        hostile("global os.system", new Pickle().global("os", "system").text("x").op(0x85, 'R')),
        hostile("global posix.system", new Pickle().op('}').global("posix", "system").op('s')),
        hostile(
            "global builtins.eval",
            new Pickle().global("builtins", "eval").text("1").op(0x85, 'R')),
        hostile("global __builtin__.getattr", new Pickle().global("__builtin__", "getattr")),
        hostile("global torch.load", new Pickle().global("torch", "load")),
        hostile("global torch._utils._rebuild", new Pickle().global("torch._utils", "_rebuild")),
        hostile("global torch.QInt8Storage", new Pickle().global("torch", "QInt8Storage")),
        hostile("a global whose name is none", new Pickle().global("o\rs", "system")),
        hostile("a global whose name is none", new Pickle().global("a".repeat(1 << 20), "system")),
        hostile(
            "a call of torch.FloatStorage",
            new Pickle().global("torch", "FloatStorage").op(')').op('R')),
        hostile(
            "ModelCheckpoint, which no tensor needs",
            new Pickle()
                .global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
                .op(')', 'R')),
        hostile("a call of what is no function", new Pickle().text("os.system").op(')', 'R')),
        hostile(
            "a call of collections.OrderedDict with other",
            new Pickle().global("collections", "OrderedDict").op(']', 0x85, 'R')),
        hostile(
            "a call of torch._utils._rebuild_tensor_v2 with other",
            new Pickle().global("torch._utils", "_rebuild_tensor_v2").op(')', 'R')),
        hostile("opcode STACK_GLOBAL 0x93", new Pickle().text("os").text("system").op(0x93)),
        hostile("opcode INST 0x69", new Pickle().op('(').raw(ascii("ios\nsystem\n"))),
        hostile("opcode OBJ 0x6f", new Pickle().op('(', 'o')),
        hostile("opcode NEWOBJ 0x81", new Pickle().op(')', ')', 0x81)),
        hostile("opcode EXT 0x82", new Pickle().op(0x82, 1)),
        hostile("opcode PERSID 0x50", new Pickle().raw(ascii("Px\n"))),
        hostile("opcode 0x00", new Pickle().op(0)),
        hostile("pickle protocol 4", new Pickle().op(0x80, 4)),
        hostile("a persistent id that is no storage", new Pickle().text("0").op('Q')),
        hostile("memo entry 4294967295 is beyond", new Pickle().op('}', 'r').int32(-1)),
        hostile("memo entry 1048576 is beyond", new Pickle().op('}', 'r').int32(1 << 20)),
        hostile("memo entry 7 was never made", new Pickle().op('h', 7)),
        hostile("more values than", new Pickle().raw(bytes('}', 1 << 17))),
        hostile("more values than", new Pickle().op('}', 'q', 0).raw(pairs(1 << 22))),
        hostile("nested deeper than 64", new Pickle().raw(bytes('(', 1000))),
        hostile("dictionaries nested deeper than 8", nested(9, 1)),
        hostile("more or longer names", nested(8, 100)),
        hostile(
            "more or longer names", new Pickle().op('}').text("x".repeat(2000)).op(')').op('s')),
        hostile("the stack is empty", new Pickle()),
        hostile("the stack is empty", new Pickle().op('}', '(', 's')),
        hostile("a mark is missing", new Pickle().op('u')),
        hostile("items for what is no dictionary", new Pickle().op(']', 'K', 1, 'K', 1, 's')),
        hostile("for what is no list", new Pickle().op('}', 'K', 1, 'a')),
        hostile("attributes of what is no dictionary", new Pickle().op(']', '}', 'b')),
        hostile("truncated", new Pickle().op('X').int32(Integer.MAX_VALUE)),
        hostile("truncated", new Pickle().op('X').int32(-5)),
        hostile("an integer of 255 bytes", new Pickle().op(0x8a, 255).raw(new byte[255])),
        hostile("expected a dictionary of tensors", new Pickle().op(']')));
  }

  private static Arguments hostile(String message, Pickle pickle) {
    return Arguments.of(message, pickle.stop());
  }

  /** A dictionary that holds itself, as it were, {@code width} times at each of its levels. */
  private static Pickle nested(int levels, int width) {
    Pickle pickle = new Pickle().op('}', 'q', 0);
    for (int level = 1; level < levels; level++) {
      pickle.op('}');
      for (int i = 0; i < width; i++) {
        pickle.text("k" + i).op('h', level - 1).op('s');
      }
      pickle.op('q', level);
    }
    return pickle;
  }

  private static byte[] pairs(int size) {
    byte[] pairs = new byte[size];
    for (int i = 0; i < size; i += 4) {
      System.arraycopy(new byte[] {'K', 1, '}', 's'}, 0, pairs, i, 4);
    }
    return pairs;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostilePickles")
  void aPickleThatDoesAnythingElseIsRefused(String message, byte[] pickle) throws IOException {
    write(pickle);
    assertRefused(message);
    assertRefused("data.pkl");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "6 | 0 | 7 | 1 | reaches beyond the 6 elements",
        "6 | 1 | 6 | 1 | reaches beyond the 6 elements",
        "6 | 0 | 6 | 2 | reaches beyond the 6 elements",
        "6 | 0 | 7 | 0 | reaches beyond the 6 elements",
        "6 | 6 | 1 | 1 | reaches beyond the 6 elements",
        "6 | 0 | 4611686018427387904 | 4 | reaches beyond the 6 elements",
        "6 | 0 | 2 | 9223372036854775807 | reaches beyond the 6 elements",
        "6 | 0 | -1 | 1 | reaches beyond the 6 elements",
        "6 | 0 | 2 | -1 | reaches beyond the 6 elements",
        "6 | -1 | 2 | 1 | offset -1",
        "7 | 0 | 6 | 1 | claims 7 elements of F32 in storage 0, which has 24 bytes",
        "5 | 0 | 5 | 1 | claims 5 elements of F32 in storage 0, which has 24 bytes",
        "-6 | 0 | 5 | 1 | claims -6 elements of F32 in storage 0, which has 24 bytes",
        "2147483647 | 0 | 5 | 1 | claims 2147483647 elements of F32 in storage 0",
      })
  void aTensorMustLieInItsStorage(
      int elements, int offset, long extent, long stride, String message) throws IOException {
    write(
        dictionary(
            new Pickle(),
            p -> p.tensor("FloatStorage", "0", elements, offset, dims(extent), dims(stride))));
    assertRefused("tensor a");
    assertRefused(message);
  }

  @Test
  void shapesMustBeSaneAndStoragesBeThere() throws IOException {
    long[] nine = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    write(dictionary(new Pickle(), p -> p.tensor("FloatStorage", "0", 6, 0, nine, nine)));
    assertRefused("a tensor of more than 8 dimensions");
    write(dictionary(new Pickle(), p -> p.tensor("FloatStorage", "0", 6, 0, dims(6), dims())));
    assertRefused("tensor a has 1 dimensions, 0 strides");
    long[] huge = {1L << 32, 1L << 32, 0};
    write(dictionary(new Pickle(), p -> p.tensor("FloatStorage", "0", 6, 0, huge, dims(0, 0, 0))));
    assertRefused("reaches beyond");
    write(dictionary(new Pickle(), p -> p.vector("FloatStorage", "../../0", 6)));
    assertRefused("tensor a: the archive has no storage ../../0");
  }

  @Test
  void aStorageSharedByTooManyTensorsIsRefused() throws IOException {
    Pickle pickle = new Pickle().op('}', '(').text("0").vector("ByteStorage", "0", 1 << 16);
    pickle.op('q', 0);
    for (int i = 1; i < 10; i++) {
      pickle.text("" + i).op('h', 0);
    }
    byte[] zip = new TorchFile(pickle.op('u').stop()).with("data/0", new byte[1 << 16]).zip();
    Files.write(file, zip);
    assertRefused("claim more than 4 times the bytes");
  }

  @Test
  void everyTruncationOfAGoodFileIsRefused() throws IOException {
    write(oneVector());
    byte[] whole = Files.readAllBytes(file);
    for (int size = 0; size < whole.length; size += 64) {
      Files.write(file, Arrays.copyOf(whole, size));
      assertRefused("");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertRefused("truncated: the zip archive has no end");
  }

  @Test
  void everyTruncationOfThePickleIsRefused() throws IOException {
    byte[] pickle = oneVector();
    for (int size = 0; size < pickle.length; size++) {
      write(Arrays.copyOf(pickle, size));
      assertRefused("data.pkl");
    }
  }

  /** Whatever a byte is changed to, the file is read or refused, and nothing else happens. */
  @Test
  void noByteOfTheHeadersCanDoHarm() throws IOException {
    write(oneVector());
    byte[] whole = Files.readAllBytes(file);
    for (int i = 4; i < whole.length; i++) {
      for (int change : new int[] {1, 0x80, 0xff}) {
        byte[] changed = whole.clone();
        changed[i] ^= (byte) change;
        Files.write(file, changed);
        try (StateDict read = PickledTensors.read(file)) {
          assertThat(read.size()).isLessThanOrEqualTo(1);
        } catch (WeightsException e) {
          assertThat(e).hasMessageStartingWith(file + ": ");
        }
      }
    }
  }

  @Test
  void lyingArchivesAreRefused() throws IOException {
    assertArchiveRefused(new Lies(false, 1, 0, -1, 0), "zip entry m/data.pkl is encrypted");
    assertArchiveRefused(new Lies(false, 0, 8, -1, 0), "zip entry m/data.pkl is compressed");
    assertArchiveRefused(new Lies(false, 0, 8, 5, 0), "zip entry m/data.pkl is compressed");
    assertArchiveRefused(new Lies(false, 0, 0, 5, 0), "zip entry m/data.pkl is compressed");
    assertArchiveRefused(new Lies(false, 0, 0, -1, 1 << 30), "lies outside the file: truncated?");
    assertArchiveRefused(new Lies(true, 0, 0, -1, 1L << 62), "lies outside the file: truncated?");
    assertArchiveRefused(new Lies(true, 0, 0, -1, -1L << 62), "lies outside the file: truncated?");
  }

  private void assertArchiveRefused(Lies lies, String message) throws IOException {
    TorchFile torch = new TorchFile(oneVector()).with("data/0", floats());
    Files.write(file, torch.with("z", new byte[4096]).zip(lies));
    assertRefused(message);
  }

  @Test
  void entriesMustBeUniqueAndTheDirectoryBelievable() throws IOException {
    byte[] zip = new TorchFile(oneVector()).with("data/0", floats()).with("data/1", floats()).zip();
    String text = new String(zip, ISO);
    Files.write(file, text.replace("data/1", "data/0").getBytes(ISO));
    assertRefused("zip entry m/data/0 appears twice");
    Files.write(file, text.replace("m/data.pkl", "m/code.pkl").getBytes(ISO));
    assertRefused("a zip archive without data.pkl");
    ByteBuffer overlapping = ByteBuffer.wrap(zip.clone()).order(ByteOrder.LITTLE_ENDIAN);
    overlapping.putInt(text.lastIndexOf("m/data/1") - 4, text.indexOf("m/data/0") - 30);
    Files.write(file, overlapping.array());
    assertRefused("zip entries m/data/0 and m/data/1 overlap");
    int end = zip.length - 22;
    for (int field : new int[] {10, 12, 16}) { // number, size, place
      ByteBuffer lie = ByteBuffer.wrap(zip.clone()).order(ByteOrder.LITTLE_ENDIAN);
      lie.putShort(end + field, (short) 0xfffe);
      Files.write(file, lie.array());
      assertRefused("the zip archive");
      lie.putInt(end + field, -1);
      Files.write(file, lie.array());
      assertRefused("the zip archive");
    }
    Files.write(file, new TorchFile(oneVector()).with("byteorder", ascii("middle")).zip());
    assertRefused("byteorder is neither little nor big");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 100})
  void otherFilesAreNoFilesOfPyTorch(int size) throws IOException {
    Files.write(file, new byte[size]);
    assertRefused("no file of torch.save's; expected PyTorch's zip format");
  }

  @Test
  void formatsOfOldAreNamed() throws IOException {
    Files.write(file, new Pickle().op(0x8a, 10).raw(new byte[10]).stop());
    assertRefused("PyTorch's format before 1.6; expected PyTorch's zip format: load it with");
    byte[] tar = new byte[1024];
    System.arraycopy(ascii("ustar"), 0, tar, 257, 5);
    Files.write(file, tar);
    assertRefused("PyTorch's format before 0.1.10; expected");
  }

  // ---- helpers ----------------------------------------------------------------------------------

  private void assertRefused(String message) {
    assertRefused(() -> PickledTensors.read(file).close(), message);
    assertRefused(() -> PickledTensors.fingerprint(file), message);
  }

  private void assertRefused(ThrowingCallable reading, String message) {
    assertThatThrownBy(reading)
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message)
        .hasMessageNotContainingAny("\n", "\r");
  }

  private interface Value {
    void write(Pickle pickle);
  }

  /** A pickle of one entry, "a". */
  private static byte[] dictionary(Pickle pickle, Value value) {
    value.write(pickle.op('}').text("a"));
    return pickle.op('s').stop();
  }

  private static byte[] oneVector() {
    return dictionary(new Pickle(), p -> p.vector("FloatStorage", "0", 6));
  }

  private void write(byte[] pickle) throws IOException {
    Files.write(file, new TorchFile(pickle).with("data/0", floats()).zip());
  }

  private static byte[] floats() {
    ByteBuffer bytes = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : VALUES) {
      bytes.putFloat(value);
    }
    return bytes.array();
  }

  private static byte[] bytes(char b, int n) {
    byte[] bytes = new byte[n];
    Arrays.fill(bytes, (byte) b);
    return bytes;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static long[] dims(long... dims) {
    return dims;
  }
}
