package org.syntagen.tensor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes, byte by byte, what torch.save would: a pickle of protocol 2 in a stored zip archive. */
final class TorchFile {
  /** Where every field of a zip archive's headers can be made to lie. */
  record Lies(boolean zip64, int flags, int method, long compressedSize, long sizeOffset) {
    static final Lies NONE = new Lies(false, 0, 0, -1, 0);
  }

  final Map<String, byte[]> entries = new LinkedHashMap<>();

  TorchFile(byte[] pickle) {
    entries.put("m/data.pkl", pickle);
    entries.put("m/version", "3\n".getBytes(StandardCharsets.US_ASCII));
  }

  TorchFile with(String name, byte[] content) {
    entries.put("m/" + name, content);
    return this;
  }

  byte[] zip() {
    return zip(Lies.NONE);
  }

  /** The archive, with the data of entries aligned to 64 bytes as PyTorch does. */
  byte[] zip(Lies lies) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream index = new ByteArrayOutputStream();
    entries.forEach(
        (name, content) -> {
          byte[] key = name.getBytes(StandardCharsets.UTF_8);
          int start = out.size();
          int padding = (64 - (start + 30 + key.length + 4) % 64) % 64 + 4;
          long size = content.length + lies.sizeOffset;
          long packed = lies.compressedSize < 0 ? size : lies.compressedSize;
          ByteBuffer local = buffer(30 + key.length + padding);
          local.putInt(0x04034b50).putShort((short) 0).putShort((short) lies.flags);
          local.putShort((short) lies.method).putInt(0).putInt(0).putInt((int) packed);
          local.putInt((int) size).putShort((short) key.length).putShort((short) padding).put(key);
          local.putShort((short) 0x4246).putShort((short) (padding - 4));
          out.writeBytes(local.array());
          out.writeBytes(content);
          ByteBuffer central = buffer(46 + key.length + (lies.zip64 ? 28 : 0));
          central.putInt(0x02014b50).putInt(0).putShort((short) lies.flags);
          central.putShort((short) lies.method).putInt(0).putInt(0);
          central.putInt(lies.zip64 ? -1 : (int) packed).putInt(lies.zip64 ? -1 : (int) size);
          central.putShort((short) key.length).putShort((short) (lies.zip64 ? 28 : 0));
          central.putLong(0).putShort((short) 0).putInt(lies.zip64 ? -1 : start).put(key);
          if (lies.zip64) {
            central.putShort((short) 1).putShort((short) 24);
            central.putLong(size).putLong(packed).putLong(start);
          }
          index.writeBytes(central.array());
        });
    int at = out.size();
    out.writeBytes(index.toByteArray());
    int end = out.size();
    if (lies.zip64) {
      ByteBuffer large = buffer(76);
      large.putInt(0x06064b50).putLong(44).putInt(0).putLong(0);
      large.putLong(entries.size()).putLong(entries.size()).putLong(index.size()).putLong(at);
      large.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
      out.writeBytes(large.array());
    }
    ByteBuffer tail = buffer(22);
    short count = lies.zip64 ? (short) -1 : (short) entries.size();
    tail.putInt(0x06054b50).putInt(0).putShort(count).putShort(count);
    tail.putInt(lies.zip64 ? -1 : index.size()).putInt(lies.zip64 ? -1 : at).putShort((short) 0);
    out.writeBytes(tail.array());
    return out.toByteArray();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A pickle under way. */
  static final class Pickle {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickle() {
      op(0x80, 2);
    }

    Pickle op(int... bytes) {
      for (int b : bytes) {
        out.write(b);
      }
      return this;
    }

    Pickle op(char opcode) {
      return op((int) opcode);
    }

    Pickle global(String module, String name) {
      out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
      return this;
    }

    Pickle text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return op('X').int32(bytes.length).raw(bytes);
    }

    Pickle integer(int value) {
      return op('J').int32(value);
    }

    Pickle int32(int value) {
      return raw(buffer(4).putInt(value).array());
    }

    Pickle raw(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    Pickle tuple(long... values) {
      op('(');
      for (long value : values) {
        op(0x8a, 8).raw(buffer(8).putLong(value).array());
      }
      return op('t');
    }

    /** ("storage", torch.type, key, "cpu", elements) and its persistent id. */
    Pickle storage(String type, String key, int elements) {
      op('(').text("storage").global("torch", type).text(key).text("cpu").integer(elements);
      return op('t').op('Q');
    }

    Pickle tensor(String type, String key, int elements, int offset, long[] shape, long[] strides) {
      global("torch._utils", "_rebuild_tensor_v2").op('(').storage(type, key, elements);
      integer(offset).tuple(shape).tuple(strides).op(0x89);
      return global("collections", "OrderedDict").op(')').op('R').op('t').op('R');
    }

    /** A vector over a whole storage. */
    Pickle vector(String type, String key, int elements) {
      return tensor(type, key, elements, 0, new long[] {elements}, new long[] {1});
    }

    byte[] stop() {
      return op('.').out.toByteArray();
    }
  }
}
