package org.syntagen.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syntagen.dataset.InputException;
import org.syntagen.tensor.WeightsException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Weights of a model that loads, broken in many ways: each is one line that names the file, and the
 * tensor where it is one tensor's fault, and costs no memory.
 */
class BrokenWeightsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long MOST_HEAP = 64 << 20;

  @TempDir Path folder;

  /**
   * @param part folder of the part
   * @param blamed what the message names beside the file
   */
  record Case(String name, String part, UnaryOperator<byte[]> change, String blamed) {
    @Override
    public String toString() {
      return part + ": " + name;
    }

    String file() {
      return part.equals("text_encoder")
          ? "model.safetensors"
          : "diffusion_pytorch_model.safetensors";
    }
  }

  /** A tensor of a part whose first two axes differ in length, as its file calls it. */
  private static String tensor(String part) {
    return switch (part) {
      case "text_encoder" -> "encoder.layers.0.mlp.fc1.weight";
      case "unet" -> "down_blocks.0.resnets.0.time_emb_proj.weight";
      default -> "encoder.conv_in.weight";
    };
  }

  static List<Case> files() {
    List<Case> cases = new ArrayList<>();
    for (String part : List.of("text_encoder", "unet", "vae")) {
      for (int keep : new int[] {0, 9, 50}) {
        cases.add(new Case("its first " + keep + " bytes", part, head(keep), ""));
      }
      cases.add(new Case("its header alone", part, b -> Arrays.copyOf(b, start(b)), ""));
      cases.add(new Case("half of it", part, b -> Arrays.copyOf(b, b.length / 2), ""));
      cases.add(new Case("a byte less", part, b -> Arrays.copyOf(b, b.length - 1), ""));
      cases.add(new Case("a byte more", part, b -> Arrays.copyOf(b, b.length + 1), ""));
      String name = tensor(part);
      cases.add(new Case("a tensor missing", part, header(h -> rename(h, name, "x")), name));
      cases.add(new Case("a tensor transposed", part, header(h -> transpose(h, name)), name));
      cases.add(new Case("a tensor flattened", part, header(h -> flatten(h, name)), name));
      cases.add(
          new Case("whole numbers", part, header(h -> entry(h, name).put("dtype", "I16")), name));
    }
    String part = "unet";
    for (long length : new long[] {-1, 0, 1, 200, Long.MAX_VALUE, 100_000_000}) {
      cases.add(new Case("header length " + length, part, b -> withLength(b, length), ""));
    }
    cases.add(new Case("header of noise", part, b -> overwrite(b, 8, 60), ""));
    cases.add(new Case("header is a list", part, b -> file("[]", data(b)), ""));
    cases.add(new Case("header nests deeply", part, b -> file("[".repeat(100_000), data(b)), ""));
    cases.add(
        new Case(
            "a name twice",
            part,
            b -> file(text(b).replaceFirst("\\{", "{" + twice(b) + ","), data(b)),
            ""));
    String name = tensor(part);
    lie(cases, "an unknown type", name, e -> e.put("dtype", "F8_E9"));
    lie(cases, "a wider type", name, e -> e.put("dtype", "F64"));
    lie(cases, "no type", name, e -> e.remove("dtype"));
    lie(cases, "no shape", name, e -> e.remove("shape"));
    lie(cases, "no place", name, e -> e.remove("data_offsets"));
    lie(cases, "a negative axis", name, e -> e.putArray("shape").add(-1).add(-4));
    lie(cases, "a huge axis", name, e -> e.putArray("shape").add(1L << 40).add(1L << 40));
    lie(cases, "an axis of text", name, e -> e.putArray("shape").add("many"));
    lie(cases, "a fractional axis", name, e -> e.putArray("shape").add(1.5));
    lie(cases, "twenty axes", name, e -> ones(e.putArray("shape"), 20));
    lie(cases, "a negative place", name, e -> e.putArray("data_offsets").add(-8).add(8));
    lie(
        cases,
        "a place outside",
        name,
        e -> e.putArray("data_offsets").add(1L << 50).add(1L << 51));
    lie(cases, "a reversed place", name, e -> reverse(e));
    lie(cases, "a place of three", name, e -> ((ArrayNode) e.path("data_offsets")).add(1));
    cases.add(new Case("tensors share bytes", part, header(BrokenWeightsTest::overlap), ""));
    return cases;
  }

  private static void lie(List<Case> cases, String what, String tensor, Consumer<ObjectNode> lie) {
    cases.add(new Case(what, "unet", header(h -> lie.accept(entry(h, tensor))), tensor));
  }

  @ParameterizedTest
  @MethodSource("files")
  void aBrokenFileIsOneLine(Case broken) throws IOException {
    Path model = copy();
    Path file = model.resolve(broken.part).resolve(broken.file());
    Files.write(file, broken.change.apply(Files.readAllBytes(file)));
    assertRefused(model, file.toString(), broken.blamed);
  }

  static List<byte[]> pickles() throws IOException {
    List<byte[]> pickles = new ArrayList<>();
    for (String global :
        List.of("posix\nsystem", "os\nsystem", "builtins\neval", "subprocess\nPopen")) {
      byte[] attack = ascii("\u0080\u0002c" + global + "\n(X\u0009\u0000\u0000\u0000touch pwntR.");
      pickles.add(attack);
      pickles.add(zip(ZipEntry.STORED, "m/data.pkl", attack));
    }
    byte[] bomb = new byte[50_000_000];
    pickles.add(zip(ZipEntry.DEFLATED, "m/data.pkl", bomb));
    pickles.add(zip(ZipEntry.STORED, "../../data.pkl", ascii("\u0080\u0002}.")));
    pickles.add(zip(ZipEntry.STORED, "m/data.pkl", ascii("\u0080\u0002" + "(".repeat(100_000))));
    pickles.add(zip(ZipEntry.STORED, "m/data.pkl", ascii("\u0080\u0002}.")));
    pickles.add(ascii("<html>not found</html>"));
    return pickles;
  }

  @Test
  void aPickleThatIsNoneOfWeightsIsOneLineAndRunsNothing() throws IOException {
    for (byte[] pickle : pickles()) {
      Path model = copy();
      Path unet = model.resolve("unet");
      Files.delete(unet.resolve("diffusion_pytorch_model.safetensors"));
      Path file = unet.resolve("diffusion_pytorch_model.bin");
      Files.write(file, pickle);
      assertRefused(model, file.toString(), "");
      assertThat(Path.of("pwn")).doesNotExist();
    }
  }

  @Test
  void theModelItselfLoadsAndThereAreManyWaysToBreakIt() throws IOException {
    try (ModelFolder.Loaded loaded = new ModelFolder(copy()).load()) {
      assertThat(loaded.elements()).isPositive();
    }
    assertThat(files().size() + pickles().size()).isGreaterThanOrEqualTo(50);
  }

  private void assertRefused(Path model, String file, String blamed) {
    long before = allocated();
    Throwable thrown = catchThrowable(() -> new ModelFolder(model).load().close());
    long memory = allocated() - before;
    assertThat(thrown).isInstanceOfAny(WeightsException.class, InputException.class);
    assertThat(thrown.getMessage()).contains(file).contains(blamed).hasLineCount(1);
    assertThat(thrown.getMessage().length()).isLessThan(file.length() + 400);
    assertThat(memory).as("bytes allocated").isLessThan(MOST_HEAP);
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  private Path copy() throws IOException {
    Path copy = Files.createTempDirectory(folder, "model");
    try (DiffusersFixture fixture = new DiffusersFixture("sd1", copy)) {
      return copy;
    }
  }

  private static UnaryOperator<byte[]> head(int keep) {
    return bytes -> Arrays.copyOf(bytes, keep);
  }

  private static int start(byte[] file) {
    return 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static String text(byte[] file) {
    return new String(file, 8, start(file) - 8, StandardCharsets.UTF_8);
  }

  private static byte[] data(byte[] file) {
    return Arrays.copyOfRange(file, start(file), file.length);
  }

  private static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  private static byte[] withLength(byte[] file, long length) {
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    return file;
  }

  private static byte[] overwrite(byte[] file, int from, int to) {
    Arrays.fill(file, from, to, (byte) 0x85);
    return file;
  }

  private static UnaryOperator<byte[]> header(Consumer<ObjectNode> change) {
    return bytes -> {
      ObjectNode header = (ObjectNode) JSON.readTree(text(bytes));
      change.accept(header);
      return file(JSON.writeValueAsString(header), data(bytes));
    };
  }

  private static ObjectNode entry(ObjectNode header, String tensor) {
    return (ObjectNode) header.path(tensor);
  }

  private static void rename(ObjectNode header, String tensor, String name) {
    JsonNode entry = header.remove(tensor);
    header.set(name, entry);
  }

  private static void transpose(ObjectNode header, String tensor) {
    ArrayNode shape = (ArrayNode) entry(header, tensor).path("shape");
    JsonNode first = shape.get(0);
    shape.set(0, shape.get(1));
    shape.set(1, first);
  }

  private static void flatten(ObjectNode header, String tensor) {
    long elements = 1;
    for (JsonNode axis : entry(header, tensor).path("shape")) {
      elements *= axis.asLong();
    }
    entry(header, tensor).putArray("shape").add(elements);
  }

  private static void reverse(ObjectNode entry) {
    JsonNode offsets = entry.path("data_offsets");
    entry.putArray("data_offsets").add(offsets.get(1)).add(offsets.get(0));
  }

  private static void ones(ArrayNode shape, int count) {
    Stream.generate(() -> 1).limit(count).forEach(shape::add);
  }

  /** The second of two equally long tensors is moved onto the first. */
  private static void overlap(ObjectNode header) {
    String norm = "down_blocks.0.resnets.0.norm1.";
    entry(header, norm + "weight")
        .set("data_offsets", entry(header, norm + "bias").path("data_offsets"));
  }

  private static String twice(byte[] file) {
    String name = tensor("unet");
    return JSON.writeValueAsString(name)
        + ":"
        + JSON.writeValueAsString(JSON.readTree(text(file)).path(name));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] zip(int method, String name, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry(name);
      entry.setMethod(method);
      if (method == ZipEntry.STORED) {
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        entry.setSize(content.length);
      }
      zip.putNextEntry(entry);
      zip.write(content);
    }
    return bytes.toByteArray();
  }
}
