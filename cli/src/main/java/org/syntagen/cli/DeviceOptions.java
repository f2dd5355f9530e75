package org.syntagen.cli;

import org.syntagen.dataset.InputException;
import org.syntagen.tensor.Device;
import picocli.CommandLine.Option;

/** Where a command computes. */
final class DeviceOptions {
  @Option(
      names = "--device",
      description = {
        "cpu, or cuda for the first NVIDIA GPU (README.md tells what that takes).",
        "Default: cpu."
      })
  private Device device = Device.CPU;

  /**
   * Makes it the process's device.
   *
   * @throws InputException if it is not there
   */
  void use() {
    if (!device.use()) {
      throw new InputException(
          "--device "
              + device.id()
              + ": libtorch finds no NVIDIA GPU; it takes one, its driver, and SYNTAGEN_LIBTORCH set"
              + " to the folder torch/lib of Python's package torch (README.md); or leave the option"
              + " out");
    }
  }
}
