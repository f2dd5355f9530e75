package org.syntagen.tensor;

import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Makes tensors of Java's numbers and reads them: on the process's {@link Device}, owned by the
 * open {@link Scope}, in 32-bit floats where nothing else is said.
 */
public final class Tensors {
  private Tensors() {}

  // ---- making tensors -------------------------------------------------------------------------

  public static Tensor zeros(long... shape) {
    return torch.zeros(shape, options(Dtype.F32));
  }

  public static Tensor full(double value, long... shape) {
    return torch.full(shape, new Scalar(value), options(Dtype.F32));
  }

  /** 0, 1, … n−1 as 32-bit floats. */
  public static Tensor range(long n) {
    return torch.arange(new Scalar(0.0), new Scalar((double) n), options(Dtype.F32));
  }

  public static Tensor of(float[] values, long... shape) {
    Tensor tensor = sized(Dtype.F32, values.length, shape);
    if (values.length > 0) { // an empty tensor has no address
      tensor.data_ptr_float().put(values);
    }
    return here(tensor);
  }

  public static Tensor of(long[] values, long... shape) {
    Tensor tensor = sized(Dtype.I64, values.length, shape);
    if (values.length > 0) {
      tensor.data_ptr_long().put(values);
    }
    return here(tensor);
  }

  /** 32-bit whole numbers, dtype I32. */
  public static Tensor of(int[] values, long... shape) {
    Tensor tensor = sized(Dtype.I32, values.length, shape);
    if (values.length > 0) {
      tensor.data_ptr_int().put(values);
    }
    return here(tensor);
  }

  /** Unsigned bytes, dtype U8. */
  public static Tensor of(byte[] values, long... shape) {
    Tensor tensor = sized(Dtype.U8, values.length, shape);
    if (values.length > 0) {
      new BytePointer(tensor.data_ptr()).put(values);
    }
    return here(tensor);
  }

  /** Room for so many values; more would be written beyond the tensor's memory. */
  private static Tensor sized(Dtype dtype, int values, long[] shape) {
    if (Arrays.stream(shape).reduce(1, Math::multiplyExact) != values) {
      throw new IllegalArgumentException(
          values + " values for a tensor of shape " + Arrays.toString(shape));
    }
    return empty(dtype, shape);
  }

  /** Uninitialised, in the processor's memory. */
  static Tensor empty(Dtype dtype, long... shape) {
    return torch.empty(shape, hostOptions(dtype), new MemoryFormatOptional());
  }

  static TensorOptions hostOptions(Dtype dtype) {
    return new TensorOptions(dtype.scalarType());
  }

  private static TensorOptions options(Dtype dtype) {
    DeviceOptional device =
        new DeviceOptional(new org.bytedeco.pytorch.Device(Device.current().type()));
    return hostOptions(dtype).device(device);
  }

  /** The same tensor on the process's {@link Device}. */
  public static Tensor here(Tensor x) {
    return Device.current().place(x);
  }

  /** The same values row by row in the processor's memory, without a history. */
  static Tensor host(Tensor x) {
    return x.detach().cpu().contiguous();
  }

  // ---- reading tensors ------------------------------------------------------------------------

  public static long[] shape(Tensor x) {
    long[] shape = new long[(int) x.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = x.size(i);
    }
    return shape;
  }

  /** Another handle of the same tensor: same memory, same gradient. */
  static Tensor alias(Tensor x) {
    return new Tensor(x);
  }

  /** All elements in row-major order, converted to 32-bit floats. */
  public static float[] floats(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor dense = host(to(x, Dtype.F32));
      float[] values = new float[Math.toIntExact(dense.numel())];
      if (values.length > 0) { // an empty tensor has no address
        dense.data_ptr_float().get(values);
      }
      return values;
    }
  }

  /** All elements of an I64 tensor in row-major order. */
  public static long[] longs(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor dense = host(x);
      long[] values = new long[Math.toIntExact(dense.numel())];
      if (values.length > 0) {
        dense.data_ptr_long().get(values);
      }
      return values;
    }
  }

  /** All elements of a U8 tensor in row-major order. */
  public static byte[] bytes(Tensor x) {
    try (Scope scope = new Scope()) {
      Tensor dense = host(x);
      byte[] values = new byte[Math.toIntExact(dense.numel())];
      if (values.length > 0) {
        new BytePointer(dense.data_ptr()).get(values);
      }
      return values;
    }
  }

  // ---- other element types --------------------------------------------------------------------

  /** x in another element type; x itself when it already has it. */
  public static Tensor to(Tensor x, Dtype dtype) {
    return x.to(dtype.scalarType());
  }

  /** A fresh copy of x in {@code dtype} on the process's device, never sharing memory with x. */
  public static Tensor copy(Tensor x, Dtype dtype) {
    Tensor here = here(x);
    boolean fresh = Dtype.of(x) != dtype || x.is_cuda() != here.is_cuda();
    return fresh ? to(here, dtype) : here.clone();
  }
}
