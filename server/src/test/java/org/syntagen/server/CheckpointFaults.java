package org.syntagen.server;

import static org.syntagen.server.Fault.any;
import static org.syntagen.server.Fault.noise;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.syntagen.dataset.SplitMix64;
import org.syntagen.server.submission.Reason;

/** What is wrong with checkpoints, in safetensors and in what torch.save writes. */
final class CheckpointFaults {
  private static final int NUMBERS = 4; // of the one tensor

  private CheckpointFaults() {}

  /** A sound checkpoint: one tensor of four numbers. */
  static byte[] sound() {
    return safetensors(tensor("weight", "F32", "[4]", "[0,16]"), 16);
  }

  /** The same tensor as PyTorch writes it. */
  static byte[] soundOfTorch() {
    return torch(vector("0", NUMBERS, 0, NUMBERS, 1), new byte[NUMBERS * Float.BYTES]).bytes();
  }

  /** All of them. */
  static List<Fault<byte[]>> all() {
    return List.of(
        file(
            "header beyond the file",
            "truncated: the header needs",
            random ->
                ByteBuffer.wrap(sound())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, random.inclusive(2000, 99_999_999))
                    .array()),
        file(
            "header of impossible length",
            "header length \\d+ is not in",
            random ->
                ByteBuffer.wrap(sound())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, any(random, 0L, -1L, Long.MIN_VALUE, 1L << 40))
                    .array()),
        file(
            "safetensors cut short",
            "truncated|too few",
            random -> Arrays.copyOf(sound(), random.inclusive(1, sound().length - 1))),
        file(
            "header that is no JSON",
            "the header is not",
            random ->
                safetensors(
                    any(random, "{\"weight\":", "[]", "12", "\u0000\u0000", "{}{", "nul"), 16)),
        file(
            "header of endless depth",
            "the header",
            random -> {
              int depth = random.inclusive(2000, 200_000);
              return safetensors("{\"a\":".repeat(depth) + "1" + "}".repeat(depth), 16);
            }),
        file(
            "header of endless length",
            "the header",
            random ->
                safetensors(
                    "{\"a\":[" + any(random, "{},", "[],", "0,", "\"\",").repeat(2_000_000) + "0]}",
                    16)),
        file(
            "endless name",
            "the checkpoint: ",
            random ->
                safetensors(
                    tensor("x".repeat(random.inclusive(3000, 3_000_000)), "F99", "[4]", "[0,16]"),
                    16)),
        file(
            "endless type",
            "has unsupported dtype",
            random ->
                safetensors(
                    tensor(
                        "weight", "F".repeat(random.inclusive(3000, 6_000_000)), "[4]", "[0,16]"),
                    16)),
        file(
            "name with control characters",
            "the checkpoint: tensor ",
            random -> safetensors(tensor("\\u001b[31m\\u0007\\u202e", "F99", "[4]", "[0,16]"), 16)),
        file(
            "tensor twice",
            "the header is not valid JSON|twice",
            random ->
                safetensors(
                    tensor("a", "F32", "[2]", "[0,8]").replace("}}", "},")
                        + tensor("a", "F32", "[2]", "[8,16]").substring(1),
                    16)),
        file(
            "unknown type",
            "has unsupported dtype",
            random ->
                safetensors(tensor("a", any(random, "F33", "", "int4"), "[4]", "[0,16]"), 16)),
        file(
            "shape that lies",
            "claims 16 bytes, but|impossible shape|expected a non-negative",
            random ->
                safetensors(
                    tensor(
                        "a",
                        "F32",
                        any(
                            random,
                            "[5]",
                            "[4,4]",
                            "[4294967296,4294967296,4]",
                            "[-4]",
                            "[4.5]",
                            "[0,9223372036854775807]",
                            "[true]"),
                        "[0,16]"),
                    16)),
        file(
            "too many dimensions",
            "no shape of at most 8",
            random ->
                safetensors(
                    tensor(
                        "a", "F32", "[4" + ",1".repeat(random.inclusive(8, 900)) + "]", "[0,16]"),
                    16)),
        file(
            "range that lies",
            "truncated: tensor|claims|leaving a gap|expected a non-negative|no pair of",
            random ->
                safetensors(
                    tensor(
                        "a",
                        "F32",
                        "[4]",
                        any(
                            random,
                            "[16,32]",
                            "[1,17]",
                            "[16,0]",
                            "[-16,0]",
                            "[0]",
                            "\"0,16\"",
                            "[0,9223372036854775807]")),
                    16)),
        file(
            "overlap",
            "overlapping the one before",
            random ->
                safetensors(
                    tensor("a", "F32", "[4]", "[0,16]").replace("}}", "},")
                        + tensor("b", "F32", "[2]", "[8,16]").substring(1),
                    16)),
        file(
            "stray bytes",
            "after the last tensor belong to none",
            random -> ArchiveFaults.joined(sound(), noise(random, random.inclusive(1, 5000)))),
        file(
            "wrong magic",
            "the checkpoint: ",
            random ->
                ArchiveFaults.joined(
                    any(random, "\u0089HDF\r\n\u001a\n", "GGUF", "\u007fELF", "TFL3", "ustar")
                        .getBytes(StandardCharsets.ISO_8859_1),
                    noise(random, random.inclusive(20, 900)))),
        file(
            "archive without a pickle",
            "without data.pkl",
            random -> new RawZip().with(RawZip.stored("archive/x", noise(random, 9))).bytes()),
        file(
            "pickle before PyTorch 1.6",
            "format before 1.6",
            random -> new Pickle().global("os", "system").text("id").op(0x85).op('R').bytes()),
        pickle(
            "call of the shell",
            "global (os|posix|subprocess)\\.\\w+ is none",
            (pickle, random) ->
                pickle
                    .global(
                        any(random, "os", "posix", "subprocess"), any(random, "system", "Popen"))
                    .text("touch " + ArchiveFaults.ESCAPED)
                    .op(0x85)
                    .op('R')),
        pickle(
            "call of Python",
            "global \\S+ is none",
            (pickle, random) ->
                pickle
                    .global(
                        any(random, "builtins", "__builtin__", "torch", "numpy"),
                        any(random, "eval", "exec", "load"))
                    .text("1")
                    .op(0x85)
                    .op('R')),
        pickle(
            "object of a class",
            "is none that a dictionary of tensors needs",
            (pickle, random) ->
                pickle.op('}').op(any(random, (int) 'i', (int) 'o', 0x81, 0x92, 0x93))),
        pickle(
            "pickle of another protocol",
            "pickle protocol|is none that",
            (pickle, random) -> pickle.op(0x80).op(random.inclusive(3, 5)).op('}')),
        pickle(
            "empty stack",
            "the stack is empty|a mark is missing",
            (pickle, random) ->
                pickle.op(any(random, (int) 'R', (int) 'u', (int) 's', (int) 't', 0x87))),
        pickle(
            "memory that was never made",
            "memo entry \\d+ was never made",
            (pickle, random) -> pickle.op('h').op(random.nextInt(256))),
        pickle(
            "memory beyond measure",
            "memo entry \\d+ is beyond",
            (pickle, random) -> pickle.op('}').op('r').int32(any(random, -1, 1 << 30))),
        pickle(
            "text beyond the end",
            "truncated",
            (pickle, random) -> pickle.op('X').int32(any(random, -1, 1 << 30, 5000))),
        pickle(
            "marks without end",
            "nested deeper than",
            (pickle, random) ->
                pickle.raw(
                    "(".repeat(random.inclusive(65, 900_000)).getBytes(StandardCharsets.US_ASCII))),
        pickle(
            "dictionaries without end",
            "more values than any|nested deeper",
            (pickle, random) -> {
              for (int i = 0; i < 1_000_000; i++) {
                pickle.op('}').op('r').int32(i);
                if (i % 60_000 == 59_999) {
                  pickle.op(']');
                }
              }
            }),
        pickle(
            "dictionary within itself",
            "nested deeper than",
            (pickle, random) -> pickle.op('}').op('q').op(0).text("a").op('h').op(0).op('s')),
        pickle(
            "persistent id that is none",
            "a persistent id that is no storage",
            (pickle, random) -> pickle.text("id").op('Q')),
        pickle(
            "no dictionary",
            "expected a dictionary of tensors",
            (pickle, random) -> pickle.op(any(random, (int) ']', (int) 'N', (int) ')'))),
        file(
            "storage that is missing",
            "the archive has no storage",
            random -> torch(vector("7", NUMBERS, 0, NUMBERS, 1), numbers(random)).bytes()),
        file(
            "storage whose size lies",
            "claims \\d+ elements of F32",
            random ->
                torch(vector("0", random.inclusive(5, 1 << 20), 0, NUMBERS, 1), numbers(random))
                    .bytes()),
        file(
            "view beyond its storage",
            "reaches beyond the 4 elements",
            random ->
                torch(
                        any(
                            random,
                            vector("0", NUMBERS, 1, NUMBERS, 1),
                            vector("0", NUMBERS, 0, NUMBERS + 1, 1),
                            vector("0", NUMBERS, 0, NUMBERS, 1 << 30),
                            vector("0", NUMBERS, 0, Integer.MAX_VALUE, 0),
                            vector("0", NUMBERS, 0, NUMBERS, -1)),
                        numbers(random))
                    .bytes()),
        file(
            "torch file cut short",
            "truncated|zip archive|no file of torch",
            random -> {
              byte[] whole = torch(random).bytes();
              return Arrays.copyOf(whole, random.inclusive(5, whole.length - 1));
            }),
        file(
            "compressed tensors",
            "is compressed",
            random -> {
              RawZip zip = torch(random);
              return zip.with(RawZip.deflated("archive/data/0", new byte[16])).bytes();
            }),
        file(
            "encrypted tensors",
            "is encrypted",
            random -> {
              RawZip zip = torch(random);
              return zip.with(zip.get("archive/data/0").flags(1)).bytes();
            }),
        file(
            "storage twice",
            "appears twice",
            random -> {
              RawZip zip = torch(random);
              zip.entries.add(zip.get("archive/data/0"));
              return zip.bytes();
            }),
        file(
            "storages that overlap",
            "overlap",
            random -> {
              RawZip zip = torch(random);
              zip.entries.add(zip.get("archive/data/0").packed(null).named("archive/data/1"));
              return zip.bytes();
            }));
  }

  private interface File {
    byte[] of(SplitMix64 random);
  }

  private static Fault<byte[]> file(String kind, String message, File file) {
    return Fault.of(kind, Reason.CHECKPOINT_REFUSED, message, (sound, random) -> file.of(random));
  }

  private static Fault<byte[]> pickle(
      String kind, String message, BiConsumer<Pickle, SplitMix64> program) {
    return file(
        kind,
        message,
        random -> {
          Pickle pickle = new Pickle();
          program.accept(pickle, random);
          return torch(pickle, numbers(random)).bytes();
        });
  }

  private static String tensor(String name, String type, String shape, String range) {
    return "{\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(name, type, shape, range);
  }

  private static byte[] safetensors(String header, int bytes) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .array();
  }

  private static byte[] numbers(SplitMix64 random) {
    return noise(random, NUMBERS * Float.BYTES);
  }

  /** A sound file of PyTorch's. */
  private static RawZip torch(SplitMix64 random) {
    return torch(vector("0", NUMBERS, 0, NUMBERS, 1), numbers(random));
  }

  private static RawZip torch(Pickle pickle, byte[] storage) {
    return new RawZip()
        .with(RawZip.stored("archive/data.pkl", pickle.bytes()))
        .with(RawZip.stored("archive/data/0", storage));
  }

  /** {"weight": a vector}. */
  private static Pickle vector(String key, int elements, int offset, int length, int stride) {
    Pickle pickle = new Pickle().op('}').text("weight");
    pickle.global("torch._utils", "_rebuild_tensor_v2").op('(').op('(').text("storage");
    pickle.global("torch", "FloatStorage").text(key).text("cpu").op('J').int32(elements);
    pickle.op('t').op('Q').op('J').int32(offset).op('J').int32(length).op(0x85);
    pickle.op('J').int32(stride).op(0x85).op(0x89).global("collections", "OrderedDict").op(')');
    return pickle.op('R').op('t').op('R').op('s');
  }

  /** A pickle of protocol 2 under way. */
  private static final class Pickle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickle() {
      op(0x80).op(2);
    }

    Pickle op(int opcode) {
      out.write(opcode);
      return this;
    }

    Pickle raw(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    Pickle int32(int value) {
      return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    Pickle text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return op('X').int32(bytes.length).raw(bytes);
    }

    Pickle global(String module, String name) {
      return raw(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    byte[] bytes() {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(out.toByteArray());
      whole.write('.');
      return whole.toByteArray();
    }
  }
}
