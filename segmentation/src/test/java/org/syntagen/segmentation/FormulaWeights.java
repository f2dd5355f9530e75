package org.syntagen.segmentation;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.bytedeco.pytorch.Tensor;
import org.syntagen.dataset.ClassSet;
import org.syntagen.tensor.NoGrad;
import org.syntagen.tensor.Scope;
import org.syntagen.tensor.StateDict;
import org.syntagen.tensor.Tensors;

/** The numbers of parity/segmentation/README.md, which torchvision's recorded outputs stand on. */
public final class FormulaWeights {
  private static final int CLASSES = 21;

  private FormulaWeights() {}

  /** The 32-bit finaliser of MurmurHash3 over k plus the checksum of the name. */
  private static int hash(int base, int k) {
    int h = base + k;
    h ^= h >>> 16;
    h *= 0x85EBCA6B;
    h ^= h >>> 13;
    h *= 0xC2B2AE35;
    return h ^ h >>> 16;
  }

  private static int checksum(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return (int) crc.getValue();
  }

  /** offset + factor · u with u in [−1, 1). */
  static float[] values(String name, int count, double offset, double factor) {
    int base = checksum(name);
    float[] values = new float[count];
    for (int k = 0; k < count; k++) {
      double u = (hash(base, k) >>> 8) / 0x1p23 - 1;
      values[k] = (float) (offset + factor * u);
    }
    return values;
  }

  /** Element k of the tensor of that name as a whole number below {@code bound}. */
  static int hashed(String name, int k, int bound) {
    return Integer.remainderUnsigned(hash(checksum(name), k), bound);
  }

  static long[] labels(int count) {
    long[] labels = new long[count];
    for (int k = 0; k < count; k++) {
      long label = hashed("labels", k, 24);
      labels[k] = label < CLASSES ? label : ClassSet.VOID;
    }
    return labels;
  }

  /** Overwrites every tensor but the counters. */
  public static void fill(StateDict state) {
    for (String name : state.names()) {
      if (name.endsWith(".num_batches_tracked")) {
        continue;
      }
      try (NoGrad noGrad = new NoGrad();
          Scope scope = new Scope()) {
        Tensor tensor = state.get(name);
        long[] shape = Tensors.shape(tensor);
        tensor.copy_(Tensors.of(values(name, shape, (int) tensor.numel()), shape));
      }
    }
  }

  private static float[] values(String name, long[] shape, int count) {
    if (shape.length == 4) {
      return values(name, count, 0, Math.sqrt(3.0 / (shape[1] * shape[2] * shape[3])));
    }
    if (name.endsWith(".running_var")) {
      return values(name, count, 1, 0.5);
    }
    if (name.endsWith(".bn3.weight")) {
      return values(name, count, 0.25, 0.05);
    }
    return name.endsWith("weight") ? values(name, count, 1, 0.2) : values(name, count, 0, 0.1);
  }
}
