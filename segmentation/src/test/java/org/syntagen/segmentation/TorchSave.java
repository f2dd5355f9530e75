package org.syntagen.segmentation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;

/** What torch.save writes of a dictionary of 32-bit tensors. */
final class TorchSave {
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();

  private TorchSave() {}

  static void write(Path file, StateDict state) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setMethod(ZipOutputStream.STORED);
      TorchSave save = new TorchSave();
      save.raw("\u0080\u0002}(");
      int key = 0;
      for (String name : state.names()) {
        float[] values = Tensors.floats(state.get(name));
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        entry(zip, "model/data/" + key, bytes.array());
        save.tensor(name, key++, values.length, Tensors.shape(state.get(name)));
      }
      save.raw("u.");
      entry(zip, "model/data.pkl", save.pickle.toByteArray());
    }
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
  }

  /** name: torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()) */
  private void tensor(String name, int key, int elements, long[] shape) {
    text(name).raw("ctorch._utils\n_rebuild_tensor_v2\n((");
    text("storage").raw("ctorch\nFloatStorage\n").text(Integer.toString(key)).text("cpu");
    integer(elements).raw("tQ").integer(0).raw("(");
    Arrays.stream(shape).forEach(this::integer);
    raw("t(");
    for (int i = 0; i < shape.length; i++) {
      integer(Arrays.stream(shape, i + 1, shape.length).reduce(1, (a, b) -> a * b));
    }
    raw("t\u0089ccollections\nOrderedDict\n)RtR");
  }

  private TorchSave raw(String opcodes) {
    pickle.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  private TorchSave text(String text) {
    raw("X").int32(text.length());
    return raw(text);
  }

  private TorchSave integer(long value) {
    return raw("J").int32(value);
  }

  private TorchSave int32(long value) {
    pickle.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) value).array());
    return this;
  }
}
