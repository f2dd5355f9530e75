package org.syntagen.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types, with their names in safetensors files. The order is part of fingerprints. */
public enum Dtype {
  F32(ScalarType.Float, 4, true),
  F16(ScalarType.Half, 2, true),
  BF16(ScalarType.BFloat16, 2, true),
  F64(ScalarType.Double, 8, true),
  I64(ScalarType.Long, 8, false),
  I32(ScalarType.Int, 4, false),
  I16(ScalarType.Short, 2, false),
  I8(ScalarType.Char, 1, false),
  U8(ScalarType.Byte, 1, false),
  BOOL(ScalarType.Bool, 1, false);

  private final ScalarType scalarType;
  private final int bytes;
  private final boolean floating;

  Dtype(ScalarType scalarType, int bytes, boolean floating) {
    this.scalarType = scalarType;
    this.bytes = bytes;
    this.floating = floating;
  }

  ScalarType scalarType() {
    return scalarType;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  public boolean floating() {
    return floating;
  }

  /** The element type of {@code tensor}. */
  public static Dtype of(Tensor tensor) {
    // The binding returns a new object for each enum value: only intern() makes them comparable.
    ScalarType type = tensor.scalar_type().intern();
    for (Dtype dtype : values()) {
      if (dtype.scalarType == type) {
        return dtype;
      }
    }
    throw new IllegalArgumentException("unsupported element type " + type);
  }
}
