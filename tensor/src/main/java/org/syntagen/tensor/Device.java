package org.syntagen.tensor;

import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Where tensors live and are computed with: chosen once for the process, before the first of them
 * is made. Files are mapped and random numbers drawn on the processor whatever the choice; {@link
 * StateDict#copy} and {@link Tensors} bring them here, and the latter takes results back.
 * Convolutions on a GPU may round their inputs to TF32, as in PyTorch.
 */
public enum Device {
  /** The processor. */
  CPU,
  /** The first NVIDIA GPU. */
  CUDA;

  private static volatile Device current = CPU;

  /** The process's device, the processor unless {@link #use} chose another. */
  public static Device current() {
    return current;
  }

  /** The lower-case name for flags and files. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Makes this the process's device.
   *
   * @return whether it is there; when not, the device stays what it was
   */
  public boolean use() {
    if (this == CUDA) {
      loadCuda();
      if (!torch.cuda_is_available()) {
        return false;
      }
    }
    current = this;
    return true;
  }

  /** A libtorch from elsewhere on java.library.path has its CUDA half in a library of its own. */
  private static void loadCuda() {
    try {
      System.loadLibrary("torch_cuda");
    } catch (UnsatisfiedLinkError e) {
      // The binding brings it along, or there is none.
    }
  }

  /** Whether products in bfloat16 take about half the time of those in 32 bits here. */
  public boolean multipliesBf16Fast() {
    return this == CUDA || Processor.multipliesBf16Fast();
  }

  /** The same values in this device's memory; x itself when they are there already. */
  Tensor place(Tensor x) {
    return this == CUDA ? x.cuda() : x;
  }

  /** For the binding's options. */
  DeviceType type() {
    return this == CUDA ? DeviceType.CUDA : DeviceType.CPU;
  }
}
