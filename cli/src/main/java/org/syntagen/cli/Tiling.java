package org.syntagen.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.syntagen.diffusion.ModelFolder;

/** Whether large images go through the autoencoder in tiles where the user leaves it open. */
final class Tiling {
  private Tiling() {}

  /**
   * Whether decoding an image whole takes more memory than the machine (or its container) has
   * beside the model's weights. It is the machine's memory that counts and not what of it happens
   * to be free, because tiles change pixels: a run that goes on later must decide as it began.
   *
   * @param size width and height in pixels
   */
  static boolean needed(ModelFolder.Loaded loaded, int size) {
    long weights = Float.BYTES * loaded.elements();
    return loaded.model().vae().config().decodingBytes(size, size) > memory() - weights;
  }

  private static long memory() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }
}
